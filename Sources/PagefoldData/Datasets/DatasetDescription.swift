// What a job file says about a network's data, before any file is read. Reading is DatasetLoading's.

/// Where samples, labels and groups lie and what happens to them.
///
/// Every path may name a gzipped file and a member of an archive: `set.npz#x_train`, or the folder of WAV
/// files `fsdd.tar.gz#fsdd/train/`. Several files are read one after the other.
public struct DatasetDescription: Sendable, Equatable {
    /// Where the group of each sample comes from.
    public enum Groups: Sendable, Equatable {
        /// Samples are independent (but the speakers of recordings are groups anyway).
        case none
        /// One array file for each samples file.
        case files([String])
        /// All samples of one file form a group, numbered in the order of the list: folds.
        case byFile
    }

    /// Which part of the data it is: says which arrays of an archive are meant where none is named.
    public enum Part: Sendable { case training, validation, test }

    public var samples: [String]
    public var part: Part?
    /// Whether an archive without a name's array gives its labels too, where it has some.
    public var takesLabels = true
    /// One labels file for each samples file; empty when unlabelled or when names carry the labels.
    public var labels: [String]
    /// Recordings only: the label is the speaker, not the class that the name begins with. Speakers are no groups
    /// then: each would be missing on one side of a split.
    public var labelsAreSpeakers = false
    public var groups: Groups
    /// Order of the values of samples in arrays of four dimensions.
    public var layout: Dataset.Layout
    /// Names of the classes in the order of their labels, where folders or texts are to be labels; empty: as the files have
    /// them.
    public var classNames: [String] = []
    /// Whether those names were found in other samples: numbers then are no places among them.
    public var classNamesAreFound = false
    /// Features of a table by their names, as other samples have them; empty: not known.
    public var features: [String] = []
    /// How tables are read.
    public var table = TableLayout()
    /// Channels that pictures are read with, 1 or 3; nil: three, or one where all are grey.
    public var channels: Int?
    /// Number of classes that labels are checked against; nil leaves them unchecked.
    public var classes: Int?
    /// Applied in this order.
    public var transforms: [TransformDescription]
    /// Applied in this order to training samples, after the transforms.
    public var augmentations: [TransformDescription]

    public init(
        samples: [String], labels: [String] = [], groups: Groups = .none,
        layout: Dataset.Layout = .channelsLast, classes: Int? = nil,
        transforms: [TransformDescription] = [], augmentations: [TransformDescription] = []
    ) {
        self.samples = samples
        self.labels = labels
        self.groups = groups
        self.layout = layout
        self.classes = classes
        self.transforms = transforms
        self.augmentations = augmentations
    }
}
