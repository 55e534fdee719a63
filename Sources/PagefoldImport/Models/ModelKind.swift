// What a file that is given as a model is, and what its user is told where no reader takes it. One table of sentences;
// how a kind is told by its bytes is in ModelKindRecognition.

/// A kind of file that people have models in, or give by mistake.
public enum ModelKind: String, CaseIterable, Sendable {
    case fold, tensorFlowMetaGraph, onnx, tfLite, safetensors
    case kerasArchive, hdf5, pyTorch, pickle, savedModel, savedModelFolder, frozenGraph, checkpointIndex
    case onnxRuntime, execuTorch, coreML, gguf
    case numPyArray, numPyArchive, zip, gzip, tar
    case gitLFSPointer, webPage, json, yaml, text, folder, empty, unknown

    /// What stands behind "this is …" in a message.
    public var name: String { row.name }

    /// What the user can do where no reader takes the file; nil where knowing what is read is all there is to say.
    public var advice: String? { row.advice }

    private var row: (name: String, advice: String?) {
        let onnxExport = "build the network in Python, load its weights and export it with torch.onnx.export"
        let fromKeras = "load it with Keras and convert it with tf.lite.TFLiteConverter.from_keras_model"
        let original = "look for the network that it was made from, as ONNX or TFLite"
        let data = "weights: takes a network; arrays of samples belong under data:"
        return switch self {
        case .fold: ("a fold file", nil)
        case .tensorFlowMetaGraph:
            (
                "a graph of TensorFlow 1 (MetaGraphDef)",
                "name it NAME.meta and lay NAME.index and NAME.data-00000-of-00001 beside it"
            )
        case .onnx: ("an ONNX model", nil)
        case .tfLite: ("a TFLite model", nil)
        case .safetensors: ("a safetensors file: weights without a network", nil)
        case .kerasArchive: ("a Keras 3 archive", fromKeras)
        case .hdf5: ("an HDF5 file, as Keras 2 writes", fromKeras)
        case .pyTorch: ("a PyTorch checkpoint (pickle)", onnxExport)
        case .pickle: ("a Python pickle, which is a program and is not run here", onnxExport)
        case .savedModel:
            (
                "a SavedModel of TensorFlow",
                "convert its folder with tf.lite.TFLiteConverter.from_saved_model"
            )
        case .savedModelFolder:
            ("a SavedModel of TensorFlow", "convert it with tf.lite.TFLiteConverter.from_saved_model")
        case .frozenGraph:
            (
                "a frozen graph of TensorFlow (GraphDef)",
                "convert it with tf.compat.v1.lite.TFLiteConverter.from_frozen_graph"
            )
        case .checkpointIndex:
            (
                "a table of a TensorFlow checkpoint",
                "give the graph beside it, NAME.meta; the checkpoint must be of the V2 format, with NAME.index"
            )
        case .onnxRuntime: ("an ONNX Runtime file (.ort)", "give the .onnx file that it was made from")
        case .execuTorch: ("an ExecuTorch program (.pte)", onnxExport)
        case .coreML: ("a Core ML model", original)
        case .gguf: ("a GGUF file", original)
        case .numPyArray: ("a NumPy array", data)
        case .numPyArchive: ("an archive of NumPy arrays", data)
        case .zip: ("a zip archive", "unpack it and give the model in it")
        case .gzip: ("a gzip file", "unpack it with gzip -d and give what comes out")
        case .tar: ("a tar archive", "unpack it and give the model in it")
        case .gitLFSPointer: ("a pointer of Git LFS instead of the file", "fetch the file with git lfs pull")
        case .webPage: ("a web page", "download the file itself, not the page that shows it")
        case .json: ("a JSON text", "give the file that holds the weights")
        case .yaml: ("a YAML text", "a list of layers belongs into the job file, under layers:")
        case .text: ("a text", "give the file that holds the weights")
        case .folder: ("a folder", "name the file in it")
        case .empty: ("an empty file", "copy or download it again")
        case .unknown: ("no kind of model that is known here, by its first bytes", nil)
        }
    }
}
