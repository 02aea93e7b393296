#include "config/manifest/components/fields.hpp"

namespace sluice::compiling {

namespace {

/// The texts of a list; none if `x` is no list.
std::vector<std::string> texts_of(const value* x) {
  std::vector<std::string> result;
  if (x != nullptr && x->as_list() != nullptr)
    for (const auto& element : *x->as_list())
      result.push_back(*element.as_string());
  return result;
}

/// The members of a dict of texts; none if `x` is no dict.
std::vector<std::pair<std::string, std::string>> members_of(const value* x) {
  std::vector<std::pair<std::string, std::string>> result;
  if (x != nullptr && x->as_dict() != nullptr)
    for (const auto& [key, text] : *x->as_dict())
      result.emplace_back(key, *text.as_string());
  return result;
}

} // namespace

std::string_view component_view::type() const noexcept {
  const auto* x = component_->find("type");
  return x != nullptr && x->as_string() != nullptr ? std::string_view{*x->as_string()} : std::string_view{};
}

std::string text_ref::text() const {
  return raw() != nullptr && raw()->as_string() != nullptr ? *raw()->as_string() : std::string{};
}

std::vector<std::string> texts_ref::list() const {
  return texts_of(raw());
}

std::vector<std::string> text_or_texts_ref::list() const {
  return texts_of(raw());
}

std::vector<std::vector<std::string>> text_grid_ref::rows() const {
  std::vector<std::vector<std::string>> result;
  if (raw() != nullptr && raw()->as_list() != nullptr)
    for (const auto& row : *raw()->as_list())
      result.push_back(texts_of(&row));
  return result;
}

std::vector<std::pair<std::string, std::string>> text_map_ref::members() const {
  return members_of(raw());
}

std::vector<std::pair<std::string, std::string>> text_or_map_ref::members() const {
  return members_of(raw());
}

bool boolean_ref::value() const noexcept {
  return raw() != nullptr && raw()->as_bool() != nullptr && *raw()->as_bool();
}

std::vector<std::int64_t> codes_ref::numbers() const {
  std::vector<std::int64_t> result;
  if (raw() != nullptr && raw()->as_list() != nullptr)
    for (const auto& x : *raw()->as_list())
      result.push_back(*x.as_int());
  return result;
}

std::string type_words(const std::vector<std::string_view>& types, bool usual) {
  std::string result;
  for (auto type : types)
    result += (result.empty() ? (usual ? "=" : "") : "|") + std::string{type};
  return result;
}

} // namespace sluice::compiling
