#pragma once

#include "actors/core/decode/page_index.hpp"
#include "config/language/value.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// A field that many records get.
struct named_field {
  std::string name;
  /// As JSON text, with its quotes.
  std::string quoted;
};

/// A record on its way through the steps that change it: its text as it came, and a list of what has changed. Only the
/// record's own fields are known one by one; what is inside of them stays text. Made once for many records.
class record_view {
public:
  /// @param budget for what templates decode of the record at hand.
  explicit record_view(std::shared_ptr<language::memory_budget> budget);
  record_view(const record_view&) = delete;
  record_view& operator=(const record_view&) = delete;

  /// Takes the next record: the object at `t`, or a text of one. Both must stay where they are until the next.
  void begin(const page_index& page, page_index::token t);
  void begin(std::string_view object);

  /// The text of the value of a field (the last of that name), or of what a path leads to; empty: there is none.
  std::string_view field(std::string_view key) const;
  std::string_view find(const std::vector<std::string>& path) const;
  /// Calls `f(key, value)` for each field: the key's text between its quotes, and the value's text.
  template <class F>
  void each_field(F&& f) const {
    for (const auto& x : fields_)
      if (!x.gone)
        f(x.key, x.value);
  }

  /// Sets the fields of that name to a JSON text, or adds one as the last.
  void set(std::string_view key, std::string value);
  /// The same without a copy: both must stay where they are until the next record.
  void set(const named_field& key, std::string_view value);
  void remove(std::string_view key);
  /// Sets each field to what `f(key, value)`, as above, gives; nothing: it stays.
  template <class F>
  void change_each(F&& f) {
    for (auto& x : fields_) {
      std::optional<std::string> value;
      if (!x.gone)
        value = f(x.key, x.value);
      if (value)
        put(x, keep(std::move(*value)));
    }
  }
  /// The record becomes another object.
  void replace(std::string object);

  /// The record as it is by now: the size that it has at most, and its text.
  std::size_t size() const noexcept { return size_; }
  void append_to(std::string& out) const;
  std::string_view text() const;

  /// What `record` is to templates. Nothing: they have it, and see what has become of it.
  std::optional<language::value> for_templates();

private:
  struct field_entry {
    /// Between its quotes.
    std::string_view key;
    std::string_view value;
    /// Where the field and its value begin, and where they end, in the record as it came; null: it was added.
    const char* first = nullptr;
    const char* at = nullptr;
    const char* last = nullptr;
    bool gone = false;
    bool changed = false;
  };
  /// A field that templates have read of this record or another.
  struct decoded_field {
    std::string key;
    language::value x;
    /// It was looked for in this record, and is there.
    bool known = false;
    bool there = false;
  };
  struct template_view final : language::json_fields {
    explicit template_view(const record_view& r) : record(r) {}
    const language::value* find_field(std::string_view key) const override;
    std::string_view text() const override;
    std::size_t bytes() const noexcept override { return record.size_; }

    const record_view& record;
    mutable std::vector<std::unique_ptr<decoded_field>> fields;
    /// More than single fields may have been decoded.
    mutable bool whole = false;
  };

  void begin_anew(std::string_view object);
  void add_entry(std::string_view key, std::string_view value);
  std::string_view keep(std::string text);
  void set(std::string_view key, std::string_view quoted, std::string_view value);
  void put(field_entry& x, std::string_view value);
  void changed(std::string_view key);

  std::shared_ptr<language::memory_budget> budget_;
  std::string_view original_;
  std::size_t size_ = 0;
  std::vector<field_entry> fields_;
  /// Texts that were made; the first `used_` are of this record.
  std::deque<std::string> made_;
  std::size_t used_ = 0;
  std::string replaced_;
  bool is_changed_ = false;
  /// The whole text, once somebody asked for it.
  mutable std::string whole_;
  mutable bool has_whole_ = false;
  template_view templates_see_{*this};
  bool given_ = false;
};

} // namespace sluice
