#include "fovea/engine/steps/binary_step.h"

#include <algorithm>
#include <optional>

#include "fovea/engine/steps/curve.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/shard_tree.h"
#include "fovea/layers/add.h"
#include "fovea/layers/prelu.h"

namespace fovea {
namespace {

// Where the second side comes from.
enum class Second { kMap, kGate, kParameter };

struct BinaryPlan {
  BinaryKind kind;
  Second second;
  std::size_t map = 0;      // which input is the first side
  bool one_number = false;  // the parameter is one for all channels
};

template <class T>
class BinaryStep final : public Step {
 public:
  BinaryStep(const Storage& storage, const BinaryPlan& plan, std::string_view name, int64_t max_batch)
      : storage_(storage),
        plan_(plan),
        name_(name),
        max_batch_(max_batch),
        blocks_((storage.c + 15) / 16),
        pixels_(storage.h * storage.w) {}

  std::string_view Name() const override { return name_; }
  StepNeeds Needs() const override {
    const bool parameter = plan_.second == Second::kParameter;
    StepNeeds needs;
    if (plan_.kind > BinaryKind::kSubtractFrom) {  // sums have constant gradients
      needs.x_in_backward = {0};
      if (!parameter) needs.x_in_backward.push_back(1);
    }
    needs.in_place = plan_.map == 0;
    needs.accumulates = true;
    needs.remakes = !parameter;  // packed numbers are gone by then
    if (!parameter) return needs;
    needs.forward_packed = needs.backward_packed = blocks_ * 16;
    needs.backward_scratch = max_batch_ * blocks_ * 16;
    return needs;
  }

  void PackForward(const StepCall& call) override { Pack(call); }
  void PackBackward(const StepCall& call) override { Pack(call); }

  void Forward(const StepCall& call) override {
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      float block[16];
      T* y = As<T>(call.y) + At(i);
      Kernels().maps<T>().binary.forward(plan_.kind, Sides(call, i, block), pixels_, y);
      ClearLanes(storage_, i, pixels_, y);
    });
  }

  void Backward(const StepCall& call) override {
    const std::size_t other = 1 - plan_.map;
    const bool map = plan_.second == Second::kMap;
    T* da = As<T>(call.dx[plan_.map]);
    T* db = plan_.second == Second::kParameter ? nullptr : As<T>(call.dx[other]);
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      float block[16], sum[16];
      const BinarySides<T> sides = Sides(call, i, block);
      BinaryGradients<T> to{};
      if (da) to.da = da + At(i), to.accumulate_a = call.accumulate[plan_.map];
      if (db && map) to.db = db + At(i), to.accumulate_b = call.accumulate[other];
      if (!map) to.sum = plan_.second == Second::kParameter ? call.scratch + i * 16 : sum;
      Kernels().maps<T>().binary.backward(plan_.kind, sides, As<T>(call.dy) + At(i), pixels_, to);
      if (to.da) ClearLanes(storage_, i, pixels_, to.da);
      if (to.db) ClearLanes(storage_, i, pixels_, to.db);
      if (db && !map) PutGate(i, sum, call.accumulate[other], db + i * 16);
    });
    if (plan_.second == Second::kParameter) AddParameterGradient(call);
  }

 private:
  int64_t At(int64_t i) const { return i * pixels_ * 16; }

  // A constant operand as blocks; lanes behind the last channel are 0.
  void Pack(const StepCall& call) const {
    if (plan_.second != Second::kParameter) return;
    for (int64_t c = 0; c < blocks_ * 16; c++) {
      call.packed[c] = c < storage_.c ? call.w[0][plan_.one_number ? 0 : c] : 0;
    }
  }

  BinarySides<T> Sides(const StepCall& call, int64_t i, float* block) const {
    BinarySides<T> sides{As<T>(call.x[plan_.map]) + At(i), nullptr, nullptr};
    if (plan_.second == Second::kParameter) {
      sides.fixed = call.packed + i % blocks_ * 16;
    } else if (plan_.second == Second::kMap) {
      sides.b = As<T>(call.x[1 - plan_.map]) + At(i);
    } else {
      Kernels().maps<T>().plane.widen(As<T>(call.x[1 - plan_.map]) + i * 16, 1, block);
      sides.fixed = block;
    }
    return sides;
  }

  void PutGate(int64_t i, float* sum, bool accumulate, T* db) const {
    float before[16];
    Kernels().maps<T>().plane.widen(db, 1, before);
    for (int64_t l = 0; l < 16; l++) sum[l] = accumulate ? before[l] + sum[l] : sum[l];
    Kernels().maps<T>().plane.narrow(sum, 1, db);
    ClearLanes(storage_, i, 1, db);
  }

  // From the sums of all planes, by images in micro-shards and, for one number, by channels.
  void AddParameterGradient(const StepCall& call) const {
    const auto channel = [&](int64_t c) {
      return SumShards(call.n,
                       [&](int64_t n) { return static_cast<double>(call.scratch[n * blocks_ * 16 + c]); });
    };
    double all = 0;
    for (int64_t c = 0; c < storage_.c; c++) {
      if (plan_.one_number) {
        all += channel(c);
      } else {
        call.dw[0][c] += static_cast<float>(channel(c));
      }
    }
    if (plan_.one_number) call.dw[0][0] += static_cast<float>(all);
  }

  const Storage storage_;
  const BinaryPlan plan_;
  const std::string_view name_;
  const int64_t max_batch_, blocks_, pixels_;
};

struct Row {
  std::string_view type;
  BinaryKind kind, swapped;  // f(a, b) and f(b, a)
};
constexpr Row kRows[] = {{Add::kType, BinaryKind::kAdd, BinaryKind::kAdd},
                         {Subtract::kType, BinaryKind::kSubtract, BinaryKind::kSubtractFrom},
                         {Multiply::kType, BinaryKind::kMultiply, BinaryKind::kMultiply},
                         {Divide::kType, BinaryKind::kDivide, BinaryKind::kDivideInto},
                         {Minimum::kType, BinaryKind::kMinimum, BinaryKind::kMinimum},
                         {Maximum::kType, BinaryKind::kMaximum, BinaryKind::kMaximum},
                         {Prelu::kType, BinaryKind::kPrelu, BinaryKind::kPrelu}};

const Row* RowOf(const Layer& layer) {
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.type == layer.Type(); });
  return row == std::end(kRows) ? nullptr : row;
}

// Whether a value lies as its shape says: a flattened map does not.
bool LiesPlainly(const Storage& storage, const Shape& shape) {
  return storage.layout == Layout::kBlocked && storage.Widened() == BlockedStorage(shape);
}

bool OperandFirst(const Layer& layer) {
  if (const auto* subtract = dynamic_cast<const Subtract*>(&layer)) return subtract->OperandFirst();
  const auto* divide = dynamic_cast<const Divide*>(&layer);
  return divide && divide->OperandFirst();
}

// Of a parameter of one number, or of one a channel of the map x.
std::optional<BinaryPlan> PlanWithParameter(const Row& row, const Layer& layer, const Storage& storage,
                                            const Shape& x, const Shape& operand) {
  std::vector<int64_t> channels(static_cast<std::size_t>(x.rank() - 1), 1);
  channels[0] = x[1];
  const bool one = operand.Size() == 1, prelu = row.kind == BinaryKind::kPrelu;
  const bool turned = storage.layout == Layout::kTurned;  // then the operand has one a channel (ServesTurned)
  if (!one && !turned && (!LiesPlainly(storage, x) || operand != (prelu ? Shape{x[1]} : Shape(channels))))
    return {};
  return BinaryPlan{OperandFirst(layer) ? row.swapped : row.kind, Second::kParameter, 0, one};
}

std::optional<BinaryPlan> PlanOf(const Site& site, const Row& row) {
  const std::vector<Shape> shapes = site.InputShapes();
  const auto parameters = site.at().layer->Parameters(shapes);
  const Shape y = site.at().shape.WithBatch(site.max_batch);
  if (!parameters.empty()) {
    if (shapes.size() != 1 || shapes[0] != y) return {};
    return PlanWithParameter(row, *site.at().layer, site.x[0], y, parameters[0].shape);
  }
  if (shapes.size() != 2) return {};
  if (site.x[0] == site.x[1] && shapes[0] == shapes[1]) return BinaryPlan{row.kind, Second::kMap};
  for (const std::size_t map : {std::size_t{0}, std::size_t{1}}) {
    const Shape &full = shapes[map], &gate = shapes[1 - map];
    if (full == y && y.rank() == 4 && gate == Shape{y[0], y[1], 1, 1} && LiesPlainly(site.x[map], full) &&
        LiesPlainly(site.x[1 - map], gate)) {
      return BinaryPlan{map == 0 ? row.kind : row.swapped, Second::kGate, map};
    }
  }
  return {};
}

}  // namespace

bool ServesTurned(const Layer& layer, std::span<const Shape> x) {
  const Row* row = RowOf(layer);
  if (row == nullptr || row->kind == BinaryKind::kPrelu) return false;
  const auto parameters = layer.Parameters(x);
  if (parameters.empty()) return x.size() == 2 && x[0] == x[1];
  const Shape& operand = parameters[0].shape;
  return operand.Size() == 1 || operand.Size() == operand[operand.rank() - 1];
}

StepChoice TryBinaryStep(const Site& site) {
  const Row* row = RowOf(*site.at().layer);
  if (row == nullptr || !site.x[0].InBlocks()) return {};
  const auto plan = PlanOf(site, *row);
  if (!plan) return {};
  const Storage& map = site.x[plan->map];
  return {MakeMapStep<BinaryStep>(map.element, map, *plan, row->type, site.max_batch), 1, map};
}

}  // namespace fovea
