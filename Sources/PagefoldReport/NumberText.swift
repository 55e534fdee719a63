// Numbers as people and SVG read them. Ticks of axes are Scale's.

import Foundation

/// Writes numbers; a true minus sign for people, a plain one for SVG.
enum NumberText {
    /// With so many decimals, thousands grouped by commas: `−1,074.70`.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "–" }
        let text = String(format: "%.\(decimals)f", abs(value))
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isZero = !text.contains { ("1"..."9").contains($0) }
        return (value < 0 && !isZero ? "−" : "") + grouped(String(parts[0]))
            + (parts.count > 1 ? "." + parts[1] : "")
    }

    static func whole(_ value: Int) -> String { fixed(Double(value), 0) }

    /// A share 0 … 1 as per cent with two decimals, without the sign.
    static func percent(_ share: Double) -> String { fixed(100 * share, 2) }

    /// Percentage points with their sign: `+1.42`, `−0.07`.
    static func points(_ value: Double) -> String {
        let text = fixed(value, 2)
        return text.hasPrefix("−") ? text : "+" + text
    }

    /// Three significant digits, with a power of ten where the number is very large or small.
    /// - Parameter more: digits beyond those.
    static func short(_ value: Double, more: Int = 0) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "–" }
        let exponent = Int(floor(log10(abs(value))))
        guard (-3..<6).contains(exponent) else {
            let mantissa = value / pow(10, Double(exponent))
            return fixed(mantissa, 1 + more) + "×10" + raised(exponent)
        }
        return fixed(value, max(0, 2 - exponent + more))
    }

    /// `⁻⁵`
    static func raised(_ exponent: Int) -> String {
        let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        return String(String(exponent).map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue ?? 0] })
    }

    /// Bytes in the unit that reads best: `277 KiB`, `11.8 GB` is written where it was measured so.
    static func bytes(_ count: Double) -> String {
        switch abs(count) {
        case ..<10_240: fixed(count, 0) + " B"
        case ..<1_048_576: fixed(count / 1024, 0) + " KiB"
        case ..<1_073_741_824: fixed(count / 1_048_576, count < 10_485_760 ? 1 : 0) + " MiB"
        default: fixed(count / 1_073_741_824, 1) + " GiB"
        }
    }

    static func seconds(_ value: Double) -> String {
        switch value {
        case ..<10: fixed(value, 1) + " s"
        case ..<600: fixed(value, 0) + " s"
        case ..<7200: fixed(value / 60, 0) + " min"
        default: fixed(value / 3600, 1) + " h"
        }
    }

    /// A place in an image: two decimals, no needless zeros.
    static func place(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let hundredths = Int((value * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, rest) = (hundredths.magnitude / 100, hundredths.magnitude % 100)
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0
            ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func grouped(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.reversed().enumerated() {
            if index > 0 && index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
