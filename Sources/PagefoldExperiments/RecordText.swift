// Records as JSON. What is in them is each record's own.

import Foundation
public import PagefoldCore

/// A value as one JSON document, its keys in alphabetical order.
/// - Parameter pretty: a line for each value, rather than one for all.
/// - Throws: `InputError` where a number is not finite.
public func jsonText(_ value: some Encodable, pretty: Bool = true) throws(InputError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
        throw InputError(
            .part("record"), field: "numbers", problem: "one is not finite",
            remedy: "look at the samples, and at what the network makes of them")
    }
}
