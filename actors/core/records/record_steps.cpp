#include "actors/core/records/record_steps.hpp"

#include "actors/core/records/steps/adding.hpp"
#include "actors/core/records/steps/casting.hpp"
#include "actors/core/records/steps/filtering.hpp"
#include "actors/core/records/steps/flattening.hpp"
#include "actors/core/records/steps/removing.hpp"
#include "actors/core/records/steps/renaming.hpp"

#include <string>
#include <utility>
#include <variant>

namespace sluice {

namespace {

// What takes records through each alternative of `record_step`.

steps::adding runner_of(const add_field& step) {
  return steps::adding{step};
}
steps::removing runner_of(const remove_field& step) {
  return steps::removing{step};
}
steps::removing_values runner_of(const remove_values& step) {
  return steps::removing_values{step};
}
steps::filtering runner_of(const record_filter& step) {
  return steps::filtering{step};
}
steps::lowering runner_of(const keys_to_lower& step) {
  return steps::lowering{step};
}
steps::snake_casing runner_of(const keys_to_snake_case& step) {
  return steps::snake_casing{step};
}
steps::replacing runner_of(const replace_in_keys& step) {
  return steps::replacing{step};
}
steps::flattening runner_of(const flatten_record& step) {
  return steps::flattening{step};
}
steps::flattening_object runner_of(const flatten_object& step) {
  return steps::flattening_object{step};
}
steps::dropping_known runner_of(const drop_known& step) {
  return steps::dropping_known{step};
}
steps::casting runner_of(const cast_types& step) {
  return steps::casting{step};
}

using runner = std::variant<steps::adding, steps::removing, steps::removing_values, steps::filtering, steps::lowering,
                            steps::snake_casing, steps::replacing, steps::flattening, steps::flattening_object,
                            steps::casting, steps::dropping_known>;

} // namespace

struct record_steps::work {
  work(const output& o, const plan& p, const slice& s, std::shared_ptr<language::memory_budget> budget)
    : out(o), passage(p, s, std::move(budget)) {
    runners.reserve(o.steps.size());
    for (const auto& step : o.steps)
      runners.push_back(std::visit([](const auto& x) -> runner { return runner_of(x); }, step));
  }

  /// The record has begun.
  expected<const record_view*> run(const std::vector<std::string_view>& ancestors) {
    for (std::size_t i = 0; i < ancestors.size(); ++i)
      if (!ancestors[i].empty())
        passage.record.set(out.ancestors[i].name, std::string{ancestors[i]});
    for (auto& runner : runners) {
      auto kept = std::visit([&](auto& x) { return x.take(passage); }, runner);
      if (!kept)
        return tl::unexpected(std::move(kept.error()));
      if (!*kept)
        return nullptr;
    }
    return &passage.record;
  }

  const output& out;
  steps::passage passage;
  std::vector<runner> runners;
};

record_steps::record_steps(const output& o, const plan& p, const slice& s,
                           std::shared_ptr<language::memory_budget> budget)
  : work_(o.steps.empty() && o.ancestors.empty() ? nullptr : std::make_unique<work>(o, p, s, std::move(budget))) {}

record_steps::~record_steps() = default;

expected<const record_view*> record_steps::apply(const page_index& page, page_index::token t,
                                                 const std::vector<std::string_view>& ancestors) {
  work_->passage.record.begin(page, t);
  return work_->run(ancestors);
}

expected<const record_view*> record_steps::apply(std::string_view record,
                                                 const std::vector<std::string_view>& ancestors) {
  work_->passage.record.begin(record);
  return work_->run(ancestors);
}

} // namespace sluice
