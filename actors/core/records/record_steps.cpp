#include "actors/core/records/record_steps.hpp"

#include "actors/core/records/field_changes.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "messages/text/json_text.hpp"

#include <string>
#include <utility>
#include <variant>

namespace sluice {

namespace {

/// A record on its way through the steps.
class passage {
public:
  passage(const plan& p, const slice& s, std::shared_ptr<language::memory_budget> budget)
    : plan_(p), slice_(s), budget_(std::move(budget)) {}

  void begin(std::string_view record) { take(record); }
  /// The record as it is by now.
  std::string_view record() const noexcept { return record_; }

  /// A step that changes the record writes the new one here, and says `changed`. Two buffers serve any number of steps.
  std::string& next() {
    next_.clear();
    return next_;
  }
  void changed() {
    now_.swap(next_);
    take(now_);
  }

  /// What templates see; `record` only if asked for, because it is decoded for them.
  const language::scope& scope() {
    if (!scope_)
      scope_ = slice_scope(plan_, slice_);
    return *scope_;
  }
  const language::scope& scope_with_record() {
    scope();
    if (!std::exchange(in_scope_, true))
      scope_->set("record", language::json_in_place(record_, budget_));
    return *scope_;
  }

private:
  void take(std::string_view record) {
    record_ = record;
    in_scope_ = false;
  }

  const plan& plan_;
  const slice& slice_;
  std::shared_ptr<language::memory_budget> budget_;
  std::optional<language::scope> scope_;
  /// The scope's `record` is the one at hand.
  bool in_scope_ = false;
  std::string_view record_;
  std::string now_;
  std::string next_;
};

// One class for each alternative of `record_step`: made for a page, it takes record after record. False: the record is
// dropped.

class adding {
public:
  explicit adding(const add_field& step) : step_(step), reads_record_(!step.value.references("record").empty()) {}

  expected<bool> take(passage& p) {
    if (reads_record_ || !value_) {
      auto value = evaluate(reads_record_ ? p.scope_with_record() : p.scope());
      if (!value)
        return tl::unexpected(std::move(value.error()));
      value_ = std::move(*value);
    }
    if (auto problem = append_with(p.next(), p.record(), step_.path, *value_); !problem.empty())
      return fail(errc::bad_page, failure_type::system_error,
                  "the field `" + dotted(step_.path) + "` cannot be added: " + problem);
    p.changed();
    return true;
  }

private:
  expected<std::string> evaluate(const language::scope& scope) const {
    if (step_.as_string)
      return step_.value.render_string(scope).map([](const std::string& text) { return json_string(text); });
    return step_.value.evaluate(scope).map([](const language::value& x) { return language::to_json(x); });
  }

  const add_field& step_;
  bool reads_record_;
  /// JSON text; one for all records if it reads none of them.
  std::optional<std::string> value_;
};

class removing {
public:
  explicit removing(const remove_field& step) : step_(step) {}

  expected<bool> take(passage& p) {
    append_without(p.next(), p.record(), step_.path);
    p.changed();
    return true;
  }

private:
  const remove_field& step_;
};

class filtering {
public:
  explicit filtering(const record_filter& step)
    : step_(step), reads_record_(step.predicate && !step.predicate->references("record").empty()) {
    if (!step.predicate)
      kept_ = false;
  }

  expected<bool> take(passage& p) {
    if (!reads_record_ && kept_)
      return *kept_;
    auto kept = step_.predicate->evaluate(reads_record_ ? p.scope_with_record() : p.scope());
    if (kept)
      kept_ = *kept;
    return kept;
  }

private:
  const record_filter& step_;
  bool reads_record_;
  /// What was said of the record before; of all records if none of them is read.
  std::optional<bool> kept_;
};

using runner = std::variant<adding, removing, filtering>;

runner runner_of(const add_field& step) {
  return adding{step};
}
runner runner_of(const remove_field& step) {
  return removing{step};
}
runner runner_of(const record_filter& step) {
  return filtering{step};
}

} // namespace

struct record_steps::work {
  work(const output& o, const plan& p, const slice& s, std::shared_ptr<language::memory_budget> budget)
    : out(o), record(p, s, std::move(budget)) {
    for (const auto& step : o.steps)
      runners.push_back(std::visit([](const auto& x) { return runner_of(x); }, step));
  }

  const output& out;
  passage record;
  std::vector<runner> runners;
};

record_steps::record_steps(const output& o, const plan& p, const slice& s,
                           std::shared_ptr<language::memory_budget> budget)
  : work_(o.steps.empty() && o.ancestors.empty() ? nullptr : std::make_unique<work>(o, p, s, std::move(budget))) {}

record_steps::~record_steps() = default;

expected<std::optional<std::string_view>> record_steps::apply(std::string_view record,
                                                              const std::vector<std::string_view>& ancestors) {
  auto& p = work_->record;
  p.begin(record);
  for (std::size_t i = 0; i < ancestors.size(); ++i)
    if (!ancestors[i].empty()) {
      append_with(p.next(), p.record(), {work_->out.ancestors[i].name}, ancestors[i]);
      p.changed();
    }
  for (auto& runner : work_->runners) {
    auto kept = std::visit([&p](auto& x) { return x.take(p); }, runner);
    if (!kept)
      return tl::unexpected(std::move(kept.error()));
    if (!*kept)
      return std::nullopt;
  }
  return p.record();
}

} // namespace sluice
