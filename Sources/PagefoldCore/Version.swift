// The version of Pagefold. Records and checkpoints carry it.

/// Semantic version of the package.
public let pagefoldVersion = "0.3.0"
