#pragma once

#include "messages/text/json_check.hpp"
#include "messages/text/json_scan.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// What an index is made of; whoever reads the next page may have it.
class index_memory {
public:
  virtual ~index_memory() = default;
  virtual std::size_t bytes() const noexcept = 0;
};

/// Where indexes that have no page leave their memory, and find that of others. Most fetchers wait for their servers,
/// and each would keep as much as its largest page has ever needed.
class index_memory_store {
public:
  virtual ~index_memory_store() = default;
  /// Null: there is none.
  virtual std::unique_ptr<index_memory> take() = 0;
  virtual void give(std::unique_ptr<index_memory> memory) = 0;
};

/// A page that is known to be valid JSON, with the positions of its tokens: brackets, commas, colons and the beginnings
/// of strings, numbers and words. They let a walk jump over values instead of reading them. A walk names values by the
/// number of their first token.
class page_index {
public:
  using token = std::uint32_t;

  /// @param store null: the index keeps its memory to itself.
  explicit page_index(std::shared_ptr<index_memory_store> store = nullptr);
  ~page_index();
  page_index(const page_index&) = delete;
  page_index& operator=(const page_index&) = delete;

  /// Checks `body` and finds its tokens. `body` may be moved in memory to make room for padding behind it; it must stay
  /// where it is as long as the index is used. If `body` has line breaks, the index is one of its minified copy: they
  /// could not stay in a record's line.
  std::optional<json_problem> read(std::string& body);

  /// True if the last successful `read` was of this body.
  bool is_of(const std::string& body) const noexcept {
    return source_ == body.data() && source_size_ == body.size() && source_ != nullptr;
  }

  /// Forgets the page.
  void release();

  /// Most bytes that the index takes, the body's minified copy included. Four for each token and four for each bracket,
  /// so up to nine times the body.
  std::size_t bytes() const noexcept;

  /// Without line breaks.
  std::string_view text() const noexcept { return text_; }

  const char* position(token t) const noexcept { return text_.data() + tokens_[t]; }
  char kind(token t) const noexcept { return text_[tokens_[t]]; }

  /// The token behind the value at `t`.
  token behind(token t) const noexcept {
    auto first = kind(t);
    return first == '{' || first == '[' ? behind_[t] : t + 1;
  }

  /// The text of the value at `t`.
  std::string_view value_text(token t) const noexcept {
    auto after = behind(t);
    auto first = position(t);
    if (*first == '{' || *first == '[') {
      return json::view(first, position(after - 1) + 1);
    }
    // A scalar ends where the blanks before the next token begin.
    auto last = position(after);
    while (last > first + 1 && json::is_space(last[-1])) {
      --last;
    }
    return json::view(first, last);
  }

  /// The text between the quotes of the key at `t`.
  std::string_view key_text(token t) const noexcept {
    // Only blanks stand between the closing quote and the colon.
    auto last = position(t + 1) - 1;
    while (*last != '"') {
      --last;
    }
    return json::view(position(t) + 1, last);
  }

  /// Calls `f(key, value)` for each field of the object at `t`: the key's text between its quotes and the value's
  /// token. False if an `f` returned false, which ends the walk.
  template <class F>
  bool each_field(token t, F&& f) const {
    if (kind(++t) == '}') {
      return true;
    }
    for (;; ++t) {
      auto value = t + 2;
      if (!f(key_text(t), value)) {
        return false;
      }
      // Only branches lead to the next field, which the processor foresees: it need not wait for the text.
      t = behind(value);
      if (kind(t) != ',') {
        return true;
      }
    }
  }

  /// The same for the elements of the list at `t`: `f(value)`.
  template <class F>
  bool each_element(token t, F&& f) const {
    if (kind(++t) == ']') {
      return true;
    }
    for (;; ++t) {
      if (!f(t)) {
        return false;
      }
      t = behind(t);
      if (kind(t) != ',') {
        return true;
      }
    }
  }

private:
  class memory;

  std::optional<json_problem> index(const std::string& body);

  std::shared_ptr<index_memory_store> store_;
  std::unique_ptr<index_memory> memory_;
  const char* source_ = nullptr;
  std::size_t source_size_ = 0;
  std::string_view text_;
  /// One more than `count_`: the last is the text's end, where a zero byte is.
  const token* tokens_ = nullptr;
  token count_ = 0;
  /// For each bracket that opens: the token behind the one that closes it.
  const token* behind_ = nullptr;
};

} // namespace sluice
