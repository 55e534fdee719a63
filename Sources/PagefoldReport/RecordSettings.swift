// Settings of a run as text under their keys in the job file. Which settings there are is Packing's business.

import Foundation

/// Turns settings of any shape into the `settings` of a record.
public enum RecordSettings {
    /// `{"pageSize": 64, "training": {"warmUp": 100}}` → `["page": "64", "warm_up": "100"]`.
    /// - Throws: what the settings' own encoding throws.
    public static func text(of settings: some Encodable) throws -> [String: String] {
        let data = try JSONEncoder().encode(settings)
        return flat(try JSONDecoder().decode(JSONValue.self, from: data))
    }

    static func flat(_ value: JSONValue) -> [String: String] {
        guard case .object(let members) = value else { return [:] }
        var result: [String: String] = [:]
        for (key, member) in members {
            switch member {
            case .object: result.merge(flat(member)) { first, _ in first }
            case .array, .null: break
            case .scalar(let text): result[jobKey(key)] = text
            }
        }
        return result
    }

    /// `learningRate` → `learning_rate`.
    static func jobKey(_ name: String) -> String {
        if name == "pageSize" { return "page" }
        return name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }
}

/// A JSON value of which only the text of its scalars matters.
enum JSONValue: Decodable {
    case object([String: JSONValue])
    case array
    case scalar(String)
    case null

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: AnyKey.self) {
            var object: [String: JSONValue] = [:]
            for key in members.allKeys {
                object[key.stringValue] = try members.decode(JSONValue.self, forKey: key)
            }
            self = .object(object)
            return
        }
        if (try? decoder.unkeyedContainer()) != nil {
            self = .array
            return
        }
        let value = try decoder.singleValueContainer()
        if let flag = try? value.decode(Bool.self) {
            self = .scalar(flag ? "1" : "0")
        } else if let number = try? value.decode(Int.self) {
            self = .scalar(String(number))
        } else if let number = try? value.decode(Double.self) {
            self = .scalar(String(number))
        } else if let text = try? value.decode(String.self) {
            self = .scalar(text)
        } else {
            self = .null
        }
    }
}

/// A key that is whatever stands in the document.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
