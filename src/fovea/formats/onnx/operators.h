// Operators that are read or written in a way of their own: what the rows of dialect.cc point to.
#pragma once

namespace fovea::onnx {

class Incoming;
class Outgoing;

// The reductions, and what the layer calls them.
struct Reduction {
  const char *onnx, *op;
};
inline constexpr Reduction kReductions[] = {{"ReduceMean", "mean"},
                                            {"ReduceSum", "sum"},
                                            {"ReduceMax", "max"},
                                            {"ReduceMin", "min"},
                                            {"ReduceL1", "l1"},
                                            {"ReduceL2", "l2"},
                                            {"ReduceLogSumExp", "log_sum_exp"}};

void ReadConv(Incoming& in);
void ReadPool(Incoming& in);
void ReadConvTranspose(Incoming& in);
void ReadBatchNormalization(Incoming& in);
void ReadInstanceNormalization(Incoming& in);
void ReadGroupNormalization(Incoming& in);
void ReadLayerNormalization(Incoming& in);
void ReadGemm(Incoming& in);
void ReadMatMul(Incoming& in);
void ReadArithmetic(Incoming& in);
// Whether this product is the square of a local response norm as PyTorch spells it, which is then read.
bool ReadResponseNorm(Incoming& in);
void ReadPRelu(Incoming& in);
void ReadConcat(Incoming& in);
void ReadClip(Incoming& in);
void ReadDropout(Incoming& in);
void ReadSoftmax(Incoming& in);
void ReadPad(Incoming& in);
void ReadReduce(Incoming& in);
void ReadSlice(Incoming& in);
void ReadExpand(Incoming& in);
void ReadSplit(Incoming& in);
void ReadResize(Incoming& in);
void ReadGlobalLpPool(Incoming& in);
// Identity, Cast to a float: output 0 is input 0.
void ReadNothing(Incoming& in);
// Flatten, Reshape, Squeeze, Unsqueeze: the same numbers in other axes.
void ReadFlatten(Incoming& in);
void ReadReshape(Incoming& in);
void ReadSqueeze(Incoming& in);
void ReadGather(Incoming& in);
void ReadSqueezeOfOne(Incoming& in);
void ReadUnsqueeze(Incoming& in);
void ReadTranspose(Incoming& in);

void WriteArithmetic(Outgoing& out);
void WritePRelu(Outgoing& out);
void WriteClip(Outgoing& out);
void WriteSoftplus(Outgoing& out);
void WriteLogSigmoid(Outgoing& out);
void WriteMish(Outgoing& out);
void WriteSilu(Outgoing& out);
void WriteDropout(Outgoing& out);
void WriteGelu(Outgoing& out);
void WriteRelu6(Outgoing& out);
void WriteReshape(Outgoing& out);
void WriteTranspose(Outgoing& out);
void WriteChannelShuffle(Outgoing& out);
void WriteSlice(Outgoing& out);
void WritePad(Outgoing& out);
void WriteReduce(Outgoing& out);
void WriteResize(Outgoing& out);
void WriteInstanceNorm(Outgoing& out);
void WriteLayerNorm(Outgoing& out);
void WriteResponseNorm(Outgoing& out);
void WriteGroupNorm(Outgoing& out);
void WriteSpaceToDepth(Outgoing& out);
void WriteConv(Outgoing& out);
void WriteMaxPool(Outgoing& out);
void WriteAveragePool(Outgoing& out);
void WriteLpPool(Outgoing& out);

}  // namespace fovea::onnx
