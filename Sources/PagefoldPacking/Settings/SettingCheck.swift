// What must hold of a setting, with its bounds in words: they stand in every message about it.

import PagefoldCore

/// One setting and whether its value is possible.
struct SettingCheck {
    let holds: Bool
    /// The job file's name for it.
    let field: String
    let problem: String
    let remedy: String

    /// A value and its bounds, such as `0…1`.
    init(_ holds: Bool, _ field: String, _ value: some CustomStringConvertible, bounds: String) {
        self.init(
            holds, field, problem: "\(value) is out of bounds", remedy: "choose \(bounds)")
    }

    init(_ holds: Bool, _ field: String, problem: String, remedy: String) {
        self.holds = holds
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    static func whole(_ value: Int, _ field: String, in range: ClosedRange<Int>) -> SettingCheck {
        SettingCheck(
            range.contains(value), field, value,
            bounds: "a whole number in \(range.lowerBound)…\(range.upperBound)")
    }

    /// A share; nil is possible.
    static func share(_ value: Float?, _ field: String, most: Float = 1) -> SettingCheck {
        let bound = most == 1 ? "1" : "\(most)"
        return SettingCheck(
            value.map { $0 >= 0 && $0 <= most } ?? true, field, value.map { "\($0)" } ?? "none",
            bounds: "a number in 0…\(bound)")
    }

    static func number(_ value: Float, _ field: String, above: Bool) -> SettingCheck {
        SettingCheck(
            value.isFinite && (above ? value > 0 : value >= 0), field, value,
            bounds: above ? "a number above 0" : "a number from 0")
    }
}

extension [SettingCheck] {
    /// - Throws: `InputError` naming the first setting that makes no sense.
    func require() throws(InputError) {
        guard let check = first(where: { !$0.holds }) else { return }
        throw InputError(.settings, field: check.field, problem: check.problem, remedy: check.remedy)
    }
}
