#include "fovea/formats/onnx/skeleton.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "fovea/base/error.h"

namespace fovea::onnx {
namespace {

namespace io = google::protobuf::io;
constexpr std::size_t kMaxGraph = 16 << 20;
constexpr int kMaxDepth = 90;  // of messages; protobuf's parser ends at 100

// The source as a stream of protobuf.
class SourceStream final : public io::ZeroCopyInputStream {
 public:
  explicit SourceStream(const ByteSource& source) : source_(source), buffer_(1 << 16) {}

  bool Next(const void** data, int* size) override {
    const int64_t count = std::min<int64_t>(static_cast<int64_t>(buffer_.size()), source_.size() - at_);
    if (count <= 0) return false;
    source_.Read(at_, count, buffer_.data());
    at_ += count;
    *data = buffer_.data(), *size = static_cast<int>(count);
    return true;
  }
  void BackUp(int count) override { at_ -= count; }
  bool Skip(int count) override {
    const bool there = count <= source_.size() - at_;
    at_ = there ? at_ + count : source_.size();
    return there;
  }
  int64_t ByteCount() const override { return at_; }

 private:
  const ByteSource& source_;
  std::vector<char> buffer_;
  int64_t at_ = 0;
};

// The messages on the way to a tensor; all others are copied as they are.
enum class Message { kModel, kGraph, kNode, kAttribute, kTensor, kOther };
struct Field {
  Message message;
  int number;
  Message child;
};
constexpr Field kFields[] = {
    {Message::kModel, 7, Message::kGraph},      {Message::kGraph, 1, Message::kNode},
    {Message::kGraph, 5, Message::kTensor},     {Message::kNode, 5, Message::kAttribute},
    {Message::kAttribute, 5, Message::kTensor}, {Message::kAttribute, 6, Message::kGraph}};
constexpr int kFloatData = 4, kRawData = 9;  // of a tensor
enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

Message ChildOf(Message message, int number) {
  for (const Field& field : kFields) {
    if (field.message == message && field.number == number) return field.child;
  }
  return Message::kOther;
}

class Walker {
 public:
  explicit Walker(const ByteSource& source) : source_(source), stream_(source), in_(&stream_) {
    in_.SetTotalBytesLimit(std::numeric_limits<int>::max());
  }

  std::string Walk() {
    if (source_.size() >= std::numeric_limits<int>::max()) {
      throw FormatError(fmt::format(
          "{}: {} bytes; a protobuf file has less than 2 GiB: keep the weights beside it, as external data",
          source_.name(), source_.size()));
    }
    const auto limit = in_.PushLimit(static_cast<int>(source_.size()));
    std::string bytes;
    WalkMessage(Message::kModel, bytes);
    in_.PopLimit(limit);
    return bytes;
  }

 private:
  [[noreturn]] void Fail(const std::string& reason) const {
    throw FormatError(fmt::format("{}: at offset {}: {}", source_.name(), in_.CurrentPosition(), reason));
  }

  void Count(std::size_t bytes) {
    kept_ += bytes;
    if (kept_ > kMaxGraph)
      Fail(fmt::format("the graph has more than {} bytes beside its weights", kMaxGraph));
  }

  static void Put(uint64_t number, std::string& to) {
    for (; number >= 128; number >>= 7) to += static_cast<char>(number | 128);
    to += static_cast<char>(number);
  }

  void WalkMessage(Message message, std::string& to) {
    while (in_.BytesUntilLimit() > 0) {
      const uint32_t tag = in_.ReadTag();
      const int number = static_cast<int>(tag >> 3);
      if (number == 0) Fail("not an ONNX file: there is no field 0");
      const std::size_t before = to.size();
      if ((tag & 7) == kBytes) {
        WalkBytes(message, number, to);
      } else {
        Put(tag, to);
        CopyNumber(tag & 7, to);
      }
      if (ChildOf(message, number) == Message::kOther) Count(to.size() - before);
    }
  }

  void CopyNumber(uint32_t wire, std::string& to) {
    uint64_t number = 0;
    if (wire == kVarint) {
      if (!in_.ReadVarint64(&number)) Fail("the file ends within a number");
      Put(number, to);
      return;
    }
    if (wire != kFixed64 && wire != kFixed32)
      Fail(fmt::format("not an ONNX file: there is no kind {} of fields", wire));
    const int size = wire == kFixed64 ? 8 : 4;
    if (!in_.ReadRaw(&number, size)) Fail("the file ends within a number");
    to.append(reinterpret_cast<const char*>(&number), static_cast<std::size_t>(size));
  }

  void WalkBytes(Message message, int number, std::string& to) {
    uint32_t length = 0;
    if (!in_.ReadVarint32(&length)) Fail("the file ends within a length");
    const int left = in_.BytesUntilLimit();
    if (length > static_cast<uint32_t>(std::max(left, 0)))
      Fail(fmt::format("a field claims {} bytes where {} are left", length, left));
    const Message child = ChildOf(message, number);
    std::string text;
    if (message == Message::kTensor && (number == kRawData || number == kFloatData)) {
      const Piece piece{in_.CurrentPosition(), length};
      text.assign(reinterpret_cast<const char*>(&piece), sizeof piece);
      number = kRawData;
      if (!in_.Skip(static_cast<int>(length))) Fail("the file ends within a tensor");
    } else if (child != Message::kOther) {
      if (++depth_ > kMaxDepth) Fail("graphs within graphs, without end");
      const auto limit = in_.PushLimit(static_cast<int>(length));
      WalkMessage(child, text);
      in_.PopLimit(limit);
      depth_--;
    } else {
      Count(length);
      if (!in_.ReadString(&text, static_cast<int>(length))) Fail("the file ends within a text");
    }
    Put(static_cast<uint64_t>(number) << 3 | kBytes, to);
    Put(text.size(), to);
    to += text;
  }

  const ByteSource& source_;
  SourceStream stream_;
  io::CodedInputStream in_;
  std::size_t kept_ = 0;
  int depth_ = 0;
};

}  // namespace

proto::ModelProto ReadSkeleton(const ByteSource& source) {
  if (source.size() == 0) throw FormatError(fmt::format("{}: the file is empty", source.name()));
  const std::string bytes = Walker(source).Walk();
  proto::ModelProto model;
  if (!model.ParseFromString(bytes))
    throw FormatError(
        fmt::format("{}: not an ONNX file: its messages are not those of onnx.proto", source.name()));
  if (!model.has_graph())
    throw FormatError(fmt::format("{}: not an ONNX file: it has no graph", source.name()));
  return model;
}

Piece PieceOf(const proto::TensorProto& tensor) {
  Piece piece;
  if (tensor.raw_data().size() == sizeof piece) std::memcpy(&piece, tensor.raw_data().data(), sizeof piece);
  return piece;
}

}  // namespace fovea::onnx
