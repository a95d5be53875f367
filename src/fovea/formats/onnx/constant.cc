#include "fovea/formats/onnx/constant.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/formats/half.h"
#include "fovea/formats/onnx/external.h"
#include "fovea/formats/onnx/walk.h"

namespace fovea::onnx {
namespace {

using proto::TensorProto;
static_assert(std::endian::native == std::endian::little, "the format is little-endian");

struct Type {
  int number;
  int bytes;
  Constant::Kind kind;
};
constexpr Type kTypes[] = {
    {TensorProto::FLOAT, 4, Constant::Kind::kFloat},   {TensorProto::DOUBLE, 8, Constant::Kind::kFloat},
    {TensorProto::FLOAT16, 2, Constant::Kind::kFloat}, {TensorProto::BFLOAT16, 2, Constant::Kind::kFloat},
    {TensorProto::INT64, 8, Constant::Kind::kInteger}, {TensorProto::INT32, 4, Constant::Kind::kInteger},
    {TensorProto::INT8, 1, Constant::Kind::kInteger},  {TensorProto::UINT8, 1, Constant::Kind::kInteger},
    {TensorProto::BOOL, 1, Constant::Kind::kInteger}};

const Type* FindType(int number) {
  for (const Type& type : kTypes) {
    if (type.number == number) return &type;
  }
  return nullptr;
}

template <class From, class To>
To Load(const char* at) {
  From value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<To>(value);
}

float FloatAt(int type, const char* at) {
  switch (type) {
    case TensorProto::DOUBLE:
      return Load<double, float>(at);
    case TensorProto::FLOAT16:
      return HalfToFloat(Load<uint16_t, uint16_t>(at));
    case TensorProto::BFLOAT16:
      return Bfloat16ToFloat(Load<uint16_t, uint16_t>(at));
    default:
      return Load<float, float>(at);
  }
}

int64_t IntegerAt(int type, const char* at) {
  switch (type) {
    case TensorProto::INT64:
      return Load<int64_t, int64_t>(at);
    case TensorProto::INT32:
      return Load<int32_t, int64_t>(at);
    case TensorProto::INT8:
      return Load<int8_t, int64_t>(at);
    default:
      return Load<uint8_t, int64_t>(at);
  }
}

// The values that stand in the message itself, in the field for their type.
void TakeTyped(const TensorProto& t, Constant& c) {
  if (t.data_type() == TensorProto::FLOAT) c.floats.assign(t.float_data().begin(), t.float_data().end());
  if (t.data_type() == TensorProto::DOUBLE) c.floats.assign(t.double_data().begin(), t.double_data().end());
  if (t.data_type() == TensorProto::INT64) c.integers.assign(t.int64_data().begin(), t.int64_data().end());
  for (const int32_t v : t.int32_data()) {
    const auto bits = static_cast<uint16_t>(v);
    if (t.data_type() == TensorProto::FLOAT16) c.floats.push_back(HalfToFloat(bits));
    if (t.data_type() == TensorProto::BFLOAT16) c.floats.push_back(Bfloat16ToFloat(bits));
    if (c.kind == Constant::Kind::kInteger && t.data_type() != TensorProto::INT64) c.integers.push_back(v);
  }
}

}  // namespace

int64_t Constant::size() const {
  int64_t size = 1;
  for (const int64_t extent : dims) size *= extent;
  return size;
}

int64_t Constant::Bytes() const {
  int64_t bytes = 8;
  for (const int64_t extent : dims) bytes = CheckedMultiply(bytes, std::max<int64_t>(extent, 1));
  return bytes;
}

bool Constant::HasBatch() const { return std::find(batch.begin(), batch.end(), true) != batch.end(); }

Constant ConstantFrom(const TensorProto& tensor, Sources& sources) {
  const auto fail = [&](const std::string& reason) {
    throw FormatError(fmt::format("{}: tensor \"{}\": {}", sources.model->name(), tensor.name(), reason));
  };
  const Type* type = FindType(tensor.data_type());
  if (type == nullptr)
    fail(fmt::format("its type {} is not one of numbers that Fovea reads", tensor.data_type()));
  if (tensor.has_segment()) fail("it is stored in segments");
  Constant constant;
  constant.kind = type->kind;
  for (const int64_t extent : tensor.dims()) {
    if (extent < 0) fail(fmt::format("it has the extent {}", extent));
    constant.dims.push_back(extent);
  }
  if (constant.dims.size() > 8) fail("it has more than 8 axes");
  try {
    constant.Bytes();
  } catch (const ArgumentError& error) {
    fail(error.what());
  }
  const int64_t size = constant.size();
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    constant.stored = ExternalValues(tensor, sources);
  } else if (tensor.has_raw_data()) {
    constant.stored = Stored{sources.model, PieceOf(tensor), tensor.data_type()};
  }
  if (constant.stored) {
    if (constant.stored->piece.bytes != size * type->bytes) {
      fail(fmt::format("{} bytes of values do not fill its shape of {} values of {} bytes",
                       constant.stored->piece.bytes, size, type->bytes));
    }
    // Small tensors are shapes and axes: they are looked at more than once.
    return size <= 64 ? Held(constant) : constant;
  }
  TakeTyped(tensor, constant);
  const std::size_t have =
      type->kind == Constant::Kind::kFloat ? constant.floats.size() : constant.integers.size();
  if (static_cast<int64_t>(have) != size)
    fail(fmt::format("{} values do not fill its shape of {}", have, size));
  return constant;
}

void ReadFloats(const Constant& constant, int64_t first, int64_t count, float* to) {
  if (!constant.stored) {
    std::copy_n(constant.floats.begin() + first, count, to);
    return;
  }
  const Stored& stored = *constant.stored;
  if (stored.type == TensorProto::FLOAT) {
    stored.source->Read(stored.piece.offset + first * 4, count * 4, to);
    return;
  }
  const int64_t bytes = FindType(stored.type)->bytes, block = 4096;
  char buffer[8 * block];
  for (int64_t at = 0; at < count; at += block) {
    const int64_t part = std::min(block, count - at);
    stored.source->Read(stored.piece.offset + (first + at) * bytes, part * bytes, buffer);
    for (int64_t i = 0; i < part; i++) to[at + i] = FloatAt(stored.type, buffer + i * bytes);
  }
}

// A few rows at a time: a large matrix is never there twice.
void ReadTransposed(const Constant& matrix, float* to) {
  const int64_t rows = matrix.dims[matrix.turned ? 1 : 0], columns = matrix.dims[matrix.turned ? 0 : 1],
                some = std::max<int64_t>(1, (1 << 20) / std::max<int64_t>(columns, 1));
  std::vector<float> block;
  for (int64_t first = 0; first < rows; first += some) {
    const int64_t count = std::min(some, rows - first);
    block.resize(static_cast<std::size_t>(count * columns));
    ReadFloats(matrix, first * columns, count * columns, block.data());
    for (int64_t k = 0; k < columns; k++) {
      for (int64_t r = 0; r < count; r++)
        to[k * rows + first + r] = block[static_cast<std::size_t>(r * columns + k)];
    }
  }
}

Constant Held(const Constant& constant) {
  Constant held = constant;
  if (!constant.stored) return held;
  held.stored.reset();
  held.turned = false;
  const auto size = static_cast<std::size_t>(constant.size());
  if (constant.kind == Constant::Kind::kFloat) {
    held.floats.resize(size);
    if (constant.turned) {
      ReadTransposed(constant, held.floats.data());
    } else {
      ReadFloats(constant, 0, constant.size(), held.floats.data());
    }
    return held;
  }
  const Stored& stored = *constant.stored;
  std::string bytes(static_cast<std::size_t>(stored.piece.bytes), '\0');
  stored.source->Read(stored.piece.offset, stored.piece.bytes, bytes.data());
  const auto width = static_cast<std::size_t>(FindType(stored.type)->bytes);
  for (std::size_t i = 0; i < size; i++) held.integers.push_back(IntegerAt(stored.type, &bytes[i * width]));
  return held;
}

Constant Stepped(const Constant& held, std::vector<int64_t> dims, const std::vector<int64_t>& steps) {
  Constant y;
  y.kind = held.kind, y.dims = std::move(dims);
  const auto size = static_cast<std::size_t>(y.size());
  if (held.kind == Constant::Kind::kFloat) {
    y.floats.reserve(size);
    Walk(y.dims, steps, [&](std::size_t place) { y.floats.push_back(held.floats[place]); });
    return y;
  }
  y.integers.reserve(size);
  Walk(y.dims, steps, [&](std::size_t place) {
    y.integers.push_back(held.integers[place]);
    if (!held.batch.empty()) y.batch.push_back(held.batch[place]);
  });
  return y;
}

Constant AsFloats(Constant held) {
  for (const int64_t v : held.integers) held.floats.push_back(static_cast<float>(v));
  held.kind = Constant::Kind::kFloat, held.integers.clear(), held.batch.clear();
  return held;
}

}  // namespace fovea::onnx
