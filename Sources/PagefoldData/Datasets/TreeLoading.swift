// From folders and archives of pictures or recordings to a data set: labels from folders, names or files.
import Foundation
import PagefoldCore

extension Dataset {
    /// - Parameter transforms: those that act while files are read are taken off its head.
    static func trees(
        _ description: DatasetDescription, _ trees: [SampleTree], _ transforms: inout [Transform],
        jobFile: String
    ) throws(InputError) -> Dataset {
        guard let kind = trees.first?.kind, trees.allSatisfy({ $0.kind == kind }) else {
            throw InputError(
                file: jobFile, field: "samples", problem: "some are pictures and some are recordings",
                remedy: "name files of one kind")
        }
        var dataset: Dataset
        switch kind {
        case .pictures:
            let leading = Pictures.leading(transforms)
            transforms.removeFirst(leading.count)
            dataset = try Dataset(
                Pictures(trees, leading, channels: description.channels).array, layout: .channelsLast,
                file: description.samples[0])
        case .recordings:
            dataset = try recordings(description, trees, &transforms, jobFile: jobFile)
        }
        return try dataset.labelled(description, trees, jobFile: jobFile)
    }

    private static func recordings(
        _ description: DatasetDescription, _ trees: [SampleTree], _ transforms: inout [Transform],
        jobFile: String
    ) throws(InputError) -> Dataset {
        func features(_ sound: some SoundFeatures) throws(InputError) -> Dataset {
            try checkFeatureSize(trees.reduce(0) { $0 + $1.entries.count }, sound.shape, file: jobFile)
            var values: [Float] = []
            for tree in trees {
                values += sound.features(of: try Recordings(tree, rate: sound.sampleRate).signals)
            }
            return try Dataset(
                features: values, shape: sound.shape, labels: nil, groups: nil, origins: nil,
                file: description.samples[0])
        }
        guard let sound = transforms.first?.sound else {
            throw InputError(
                file: description.samples[0], field: "transforms",
                problem: "recordings have no common length",
                remedy: "let mfcc, logmel or waveform be the first transform")
        }
        transforms.removeFirst()
        return try features(sound)
    }

    /// With labels and groups: from files that the job names, else from folders, else from the names of recordings.
    private func labelled(
        _ description: DatasetDescription, _ trees: [SampleTree], jobFile: String
    ) throws(InputError) -> Dataset {
        let counts = trees.map(\.entries.count)
        var labels = try Dataset.labels(description, counts: counts)
        var groups = try Dataset.groups(description, counts: counts)
        var names: [String] = []
        var named: [Recordings.Named] = []
        if labels == nil, trees[0].kind == .recordings {
            for tree in trees { if let told = try Recordings.named(tree) { named.append(told) } }
        }
        if named.count == trees.count {
            let speakers = Recordings.Named.speakers(of: named)
            labels = description.labelsAreSpeakers ? speakers : named.flatMap(\.labels)
            if groups == nil, !description.labelsAreSpeakers { groups = speakers }
        } else if description.labelsAreSpeakers {
            throw DatasetDescription.noSpeakers(jobFile)
        } else if labels == nil, trees.contains(where: { !$0.classes.names.isEmpty }) {
            let classes = try description.classNames(of: trees)
            names = classes.names
            labels = []
            for tree in trees {
                let numbers = try classes.numbers(
                    of: tree.classes.names, what: "the folders", file: tree.name)
                labels? += tree.entries.map { $0.className.flatMap { numbers[$0] } ?? -1 }
            }
        }
        var result = Dataset(
            samples: samples, layout: layout, shape: storedShape, count: count, labels: labels,
            groups: groups,
            origins: nil, accessTransforms: accessTransforms)
        result.classNames = names
        result.remarks = trees.compactMap { tree in
            tree.skipped.first.map {
                "\(tree.name): \(tree.skipped.count) files that are no samples were left out, such as \($0)"
            }
        }
        return result
    }
}

extension DatasetDescription {
    /// The names of classes in the order of their labels: those that are given, else those of all folders.
    var givenClassNames: ClassNames { ClassNames(given: classNames, mayBeNumbers: !classNamesAreFound) }

    func classNames(of trees: [SampleTree]) throws(InputError) -> ClassNames {
        classNames.isEmpty
            ? ClassNames(found: trees.flatMap(\.classes.names)) : givenClassNames
    }

    static func noSpeakers(_ jobFile: String) -> InputError {
        InputError(
            file: jobFile, field: "labels: by_speaker",
            problem: "these samples are no recordings with names CLASS_SPEAKER_INDEX.wav",
            remedy: "name files of labels, or give recordings with such names")
    }
}
