#pragma once

#include "config/language/value.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace sluice::language::detail {

/// A list or dict of JSON text that is decoded only as far as somebody asks. What was decoded is kept. Whatever would
/// need more memory than the budget has is empty instead, and the budget knows.
class json_part {
public:
  /// `text` starts with a bracket, is valid JSON, and outlives this.
  json_part(std::string_view text, std::shared_ptr<memory_budget> budget);
  /// A dict of these fields, which outlive this.
  json_part(const json_fields& fields, std::shared_ptr<memory_budget> budget);
  ~json_part();
  json_part(const json_part&) = delete;
  json_part& operator=(const json_part&) = delete;

  bool is_dict() const noexcept { return fields_ != nullptr || text_.front() == '{'; }
  /// Number of elements, or of different keys.
  std::size_t size() const noexcept;
  bool empty() const noexcept;
  /// Bytes of its text.
  std::size_t bytes() const noexcept { return fields_ != nullptr ? fields_->bytes() : text_.size(); }
  /// nullptr if it is no list. Lists and dicts in it are not decoded.
  const value_list* list() const noexcept;
  /// The same for a dict.
  const value_dict* dict() const noexcept;
  /// The dict's value for `key`, or nullptr.
  const value* find(std::string_view key) const noexcept;

private:
  struct decoded;

  std::string_view text() const { return fields_ != nullptr ? fields_->text() : text_; }
  decoded& state() const;
  void note_fields(decoded& s) const;
  const value* noted(decoded& s, std::string_view key) const;
  void decode_list(value_list& to) const;
  void decode_dict(value_dict& to) const;

  std::string_view text_;
  const json_fields* fields_ = nullptr;
  std::shared_ptr<memory_budget> budget_;
  mutable std::unique_ptr<decoded> decoded_;
};

} // namespace sluice::language::detail
