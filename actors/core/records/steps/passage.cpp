#include "actors/core/records/steps/passage.hpp"

#include "actors/core/requests/request_builder.hpp"

namespace sluice::steps {

language::scope& passage::scope() {
  if (!scope_) {
    scope_ = slice_scope(plan_, slice_);
    // Filters may name it; the reference hands none on.
    scope_->set("next_page_token", language::value{});
  }
  return *scope_;
}

language::scope& passage::scope_with_record() {
  auto& result = scope();
  if (auto anew = record.for_templates())
    result.set("record", std::move(*anew));
  return result;
}

bool is_random(const text_template& x) {
  const auto& source = x.source();
  return source.find("uuid") != std::string::npos || source.find("random") != std::string::npos;
}

} // namespace sluice::steps
