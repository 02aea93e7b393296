#include "actors/core/records/steps/adding.hpp"

#include "messages/text/json_paths.hpp"
#include "messages/text/json_text.hpp"

#include <utility>

namespace sluice::steps {

namespace {

language::value list_of(const std::vector<std::string>& path) {
  language::value_list items;
  for (const auto& segment : path)
    items.emplace_back(segment);
  return language::value{std::move(items)};
}

} // namespace

adding::adding(const add_field& step)
  : step_(step), field_{step.path.front(), json_string(step.path.front())},
    per_record_(!step.value.references("record").empty() || is_random(step.value)) {
  if (step.when) {
    condition_reads_record_ = !step.when->references("record").empty();
    path_ = list_of(step.path);
  }
}

expected<bool> adding::take(passage& p) {
  if (per_record_ || !evaluated_) {
    if (auto ok = evaluate(per_record_ ? p.scope_with_record() : p.scope()); !ok)
      return tl::unexpected(std::move(ok.error()));
    evaluated_ = true;
  }
  if (step_.when) {
    auto holds = this->holds(p);
    if (!holds)
      return tl::unexpected(std::move(holds.error()));
    if (!*holds)
      return true;
  }
  return set(p.record).map([] { return true; });
}

expected<void> adding::evaluate(const language::scope& scope) {
  auto x = evaluate_as(step_.kind, step_.value, scope);
  if (!x)
    return tl::unexpected(std::move(x.error()));
  text_ = language::to_json(*x);
  if (step_.when)
    value_ = std::move(*x);
  return {};
}

expected<bool> adding::holds(passage& p) const {
  auto& scope = condition_reads_record_ ? p.scope_with_record() : p.scope();
  scope.set("value", value_);
  scope.set("path", path_);
  return step_.when->evaluate(scope);
}

expected<void> adding::set(record_view& record) {
  // The text stays until the next record asks for its own.
  if (step_.path.size() == 1) {
    record.set(field_, text_);
    return {};
  }
  std::string changed;
  if (auto problem = append_with(changed, record.field(field_.name), step_.path, text_, 1); !problem.empty())
    return fail(errc::bad_page, failure_type::system_error,
                "the field `" + dotted(step_.path) + "` cannot be added: " + problem);
  record.set(field_.name, std::move(changed));
  return {};
}

} // namespace sluice::steps
