#include "tests/fuzz/built_in_plan.hpp"

#include "messages/text/json_text.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sluice::fuzz {

namespace {

/// 2026-01-01T00:00:00Z: what a target does must depend on its input alone.
constexpr language::instant now{std::chrono::seconds{1767225600}};

} // namespace

const manifest& built_in_manifest() {
  static const auto loaded = load_built_in_manifest();
  require(loaded.has_value(), "the built-in manifest can be loaded");
  return **loaded;
}

compile_input select_all(const manifest& m, std::string_view config_json) {
  compile_input input;
  input.config = language::parse_json(config_json).value_or(language::value{language::value_dict{}});
  input.now = now;
  for (const auto& s : m.streams)
    input.streams.push_back({s.name, {}, s.supports_incremental, {}});
  return input;
}

plan_ptr built_in_plan(bool only_children, const std::string& api_url) {
  auto url = api_url.empty() ? std::string{} : R"(,"api_url":)" + json_string(api_url);
  auto input
    = select_all(built_in_manifest(), R"({"access_token":"t","start_date":"2024-01-01T00:00:00Z")" + url + "}");
  if (only_children)
    std::erase_if(input.streams, [](const auto& s) { return s.name != "survey_questions" && s.name != "collectors"; });
  auto compiled = compile_plan(built_in_manifest(), input);
  require(compiled.has_value(), "the built-in manifest can be compiled");
  return std::make_shared<const plan>(std::move(*compiled));
}

} // namespace sluice::fuzz
