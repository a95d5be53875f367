#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/linear.h"

namespace fovea {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr int64_t kMaxFile = int64_t{1} << 36;

// One run of numbers in the file.
struct Piece {
  enum Kind { kParameter, kState, kVariance, kAffineWeight } kind;
  int index;  // among the network's parameters or states
  double eps = 0;
};

bool Weighs(const Node& node) {
  return dynamic_cast<const Conv2d*>(node.layer.get()) || dynamic_cast<const Linear*>(node.layer.get());
}

[[noreturn]] void Refuse(const Node& node, const std::string& why) {
  throw ArgumentError(fmt::format("layer {} ({}): darknet's weights {}", node.name, node.layer->Type(), why));
}

// Numbers of a file of ours, or of single precision in another's.
bool IsEpsilon(double eps, double wanted) { return static_cast<float>(eps) == static_cast<float>(wanted); }

// The pieces of a convolution or an affine layer and of the norm behind it, null for none. A convolution's weights come
// last, an affine layer's before its norm's numbers.
std::vector<Piece> PiecesOf(const Node& node, const Node* norm) {
  const bool affine = dynamic_cast<const Linear*>(node.layer.get()) != nullptr;
  const Piece weight{affine ? Piece::kAffineWeight : Piece::kParameter, node.first_parameter};
  if (norm == nullptr) {
    if (node.parameters != 2) Refuse(node, "need a bias or a batch norm behind the layer");
    return {{Piece::kParameter, node.first_parameter + 1}, weight};
  }
  if (node.parameters != 1) Refuse(node, "have no bias before a batch norm");
  const double eps = dynamic_cast<const BatchNorm&>(*norm->layer).options().eps;
  if (!IsEpsilon(eps, kEpsilonInsideRoot) && !IsEpsilon(eps, kEpsilonOutsideRoot))
    Refuse(*norm, fmt::format("go with an epsilon of {}, not of {}", kEpsilonInsideRoot, eps));
  std::vector<Piece> pieces = {{Piece::kParameter, norm->first_parameter + 1},
                               {Piece::kParameter, norm->first_parameter},
                               {Piece::kState, norm->first_state},
                               {Piece::kVariance, norm->first_state + 1, eps}};
  pieces.insert(affine ? pieces.begin() + 1 : pieces.end(), weight);
  return pieces;
}

std::vector<Piece> PiecesOf(const Network& network) {
  std::vector<Piece> all;
  const auto nodes = network.nodes();
  for (std::size_t i = 0; i < nodes.size(); i++) {
    const Node& node = nodes[i];
    if (node.parameters + node.states == 0) continue;
    if (!Weighs(node)) Refuse(node, "hold convolutions and affine layers, and batch norms right behind them");
    const bool normed = i + 1 < nodes.size() && dynamic_cast<const BatchNorm*>(nodes[i + 1].layer.get()) &&
                        nodes[i + 1].inputs == std::vector<int>{static_cast<int>(i) + 1};
    const auto pieces = PiecesOf(node, normed ? &nodes[i + 1] : nullptr);
    all.insert(all.end(), pieces.begin(), pieces.end());
    if (normed) i++;
  }
  return all;
}

const NamedTensor& TensorOf(const Network& network, const Piece& piece) {
  const bool state = piece.kind == Piece::kState || piece.kind == Piece::kVariance;
  return (state ? network.states() : network.parameters())[static_cast<std::size_t>(piece.index)];
}

// Between darknet's variance and ours, for an epsilon outside the root.
float VarianceIn(float v) { return v + 2e-6f * std::sqrt(v); }
float VarianceOut(float v) {
  const double root = std::sqrt(static_cast<double>(v) + kEpsilonOutsideRoot) - 1e-6;
  return static_cast<float>(root * root);
}

bool IsOutside(const Piece& piece) {
  return piece.kind == Piece::kVariance && IsEpsilon(piece.eps, kEpsilonOutsideRoot);
}

struct Header {
  std::size_t size = 0;
  bool transposed = false;
  std::string version = {};
};

Header ReadHeader(const std::string& path, const std::string& bytes) {
  int32_t version[3] = {};
  if (bytes.size() < 16)
    throw FormatError(fmt::format("{}: {} bytes are too few for darknet's weights", path, bytes.size()));
  std::memcpy(version, bytes.data(), sizeof version);
  const auto [major, minor, revision] = version;
  if (major < 0 || minor < 0 || major > 2000 || minor > 2000) {
    throw FormatError(
        fmt::format("{}: version {}.{}.{} at offset 0: not darknet's weights", path, major, minor, revision));
  }
  const bool wide = major * 10 + minor >= 2 && major < 1000 && minor < 1000;  // 64 bits of images seen
  return {wide ? 20u : 16u, major > 1000 || minor > 1000, fmt::format("{}.{}.{}", major, minor, revision)};
}

// w[k][c] from the file's w[c][k].
void Transpose(TensorView<float> w) {
  const Tensor<float> from = Cast<float>(w);
  const int64_t rows = w.extent(0), columns = w.extent(1);
  for (int64_t k = 0; k < rows; k++)
    for (int64_t c = 0; c < columns; c++) w(k, c) = from[c * rows + k];
}

}  // namespace

void ParseDarknetWeights(const std::string& path, const std::string& bytes, Network& network) {
  const std::vector<Piece> pieces = PiecesOf(network);
  const Header header = ReadHeader(path, bytes);
  std::size_t at = header.size;
  for (const Piece& piece : pieces) {
    const NamedTensor& tensor = TensorOf(network, piece);
    const auto size = static_cast<std::size_t>(tensor.value.size()) * sizeof(float);
    if (bytes.size() < at || bytes.size() - at < size) {
      throw FormatError(fmt::format("{}: {} of {} values at offset {} needs {} bytes, {} are left", path,
                                    tensor.name, tensor.value.size(), at, size,
                                    bytes.size() - std::min(at, bytes.size())));
    }
    const bool state = piece.kind == Piece::kState || piece.kind == Piece::kVariance;
    const TensorView<float> to =
        state ? network.MutableState(piece.index) : network.MutableParameter(piece.index);
    std::memcpy(to.data(), bytes.data() + at, size);
    if (piece.kind == Piece::kAffineWeight && header.transposed) Transpose(to);
    if (IsOutside(piece))
      for (float& v : to.values()) v = VarianceIn(v);
    at += size;
  }
  if (at != bytes.size())
    throw FormatError(
        fmt::format("{}: the network ends at offset {}, the file at {}", path, at, bytes.size()));
}

void ReadDarknetWeights(const std::string& path, Network& network) {
  ParseDarknetWeights(path, ReadFile(path, kMaxFile), network);
}

std::string DescribeDarknetWeights(const std::string& path) {
  const std::string bytes = ReadFile(path, kMaxFile);
  const Header header = ReadHeader(path, bytes);
  return fmt::format("weights     version {}{}, a header of {} bytes, {} numbers\n", header.version,
                     header.transposed ? ", affine weights transposed" : "", header.size,
                     (bytes.size() - std::min(bytes.size(), header.size)) / sizeof(float));
}

std::string SerialiseDarknetWeights(const Network& network) {
  const int32_t version[3] = {0, 2, 0};
  const uint64_t seen = 0;
  std::string bytes(reinterpret_cast<const char*>(version), sizeof version);
  bytes.append(reinterpret_cast<const char*>(&seen), sizeof seen);
  for (const Piece& piece : PiecesOf(network)) {
    Tensor<float> values = TensorOf(network, piece).value;
    if (IsOutside(piece))
      for (float& v : values.values()) v = VarianceOut(v);
    bytes.append(reinterpret_cast<const char*>(values.data()),
                 static_cast<std::size_t>(values.size()) * sizeof(float));
  }
  return bytes;
}

void WriteDarknetWeights(const std::string& path, const Network& network) {
  WriteFileAtomic(path, SerialiseDarknetWeights(network));
}

}  // namespace fovea
