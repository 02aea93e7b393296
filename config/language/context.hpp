#pragma once

#include "config/language/entity.hpp"
#include "config/language/signature.hpp"
#include "config/language/template.hpp"

#include <algorithm>
#include <cstddef>
#include <forward_list>
#include <memory>
#include <string>
#include <utility>

namespace sluice::language::detail {

/// What a template may cost. Manifests and the data they read come from elsewhere: neither may hang or fill a process.
namespace limits {
/// Bytes of a template's source.
inline constexpr std::size_t source = 64 * 1024;
/// Brackets, calls and operators inside of each other while parsing.
inline constexpr std::size_t nesting = 100;
/// Levels of an expression; chains such as `a + b + c` count one level an operator.
inline constexpr std::size_t depth = 250;
/// Expressions, statements and calls of macros inside of each other while evaluating.
inline constexpr std::size_t levels = 600;
/// Bytes of a text that a template makes.
inline constexpr std::size_t text = 1024 * 1024;
/// Elements of a list that `+` and `*` make.
inline constexpr std::size_t elements = 64 * 1024;
/// Size of a value that a template evaluates to, in bytes.
inline constexpr std::size_t result = 16 * 1024 * 1024;
/// Work of one evaluation, in bytes read or written.
inline constexpr std::size_t work = 32 * 1024 * 1024;
/// Work after which an evaluation looks again whether it is to end.
inline constexpr std::size_t look = 256 * 1024;
} // namespace limits

/// The variables of a statement with a scope of its own, while it runs.
struct frame {
  frame* parent = nullptr;
  std::vector<object> slots;
};

/// One evaluation: what it may see, what it has made, and what it has cost so far.
class context {
public:
  /// @param parameters what the template's own are; null: those of `variables`.
  explicit context(const scope& variables, const value* parameters = nullptr)
    : variables_(variables), parameters_(parameters) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  const scope& variables() const noexcept { return variables_; }
  /// The variable that is given to the template under this name; null: there is none.
  const value* given(std::string_view name) const {
    return parameters_ != nullptr && name == "parameters" ? parameters_ : variables_.find(name);
  }
  instant now() const { return variables_.now(); }

  /// Counts work, in bytes that are read or written; an error once there is too much of it, or no time left.
  result<void> charge(std::size_t work) {
    work_ += std::min(work, limits::work);
    return work_ < next_look_ ? result<void>{} : look_up();
  }
  /// Counts what copying `x` costs: a text's bytes; lists and dicts are shared.
  result<void> charge_copy(const object& x) {
    auto* text = x.as_string();
    return text == nullptr ? result<void>{} : charge(text->size());
  }
  /// Counts what copying all elements of a list, dict or text costs, so many times.
  result<void> charge_elements(const object& x, std::size_t times = 1);
  /// Counts what looking a key or position up costs.
  result<void> charge_lookup(const object& x);
  /// Counts what comparing two values may cost: as much as there is in the smaller one.
  result<void> charge_comparison(const object& a, const object& b);
  /// A string as a result, if it is not too long.
  result<object> text(std::string x);
  /// Python's `str(x)`, bounded.
  result<std::string> text_of(const object& x);
  /// The elements of what can be iterated, bounded.
  result<std::vector<object>> elements_of(const object& x);
  /// The plain value that `x` is, bounded.
  result<value> plain_of(const object& x);

  // What is made counts as work, which the next charge looks at. It lives as long as the evaluation, and may refer to
  // each other in circles.

  object make_list(std::vector<object> items, list_kind kind = list_kind::list);
  made_dict& make_dict(std::vector<std::pair<object, object>> items = {});
  template <class Entity, class... Args>
  object make_entity(Args&&... args) {
    work_ += made_bytes;
    auto x = std::make_unique<Entity>(std::forward<Args>(args)...);
    auto* made = x.get();
    entities_.push_front(std::move(x));
    return object{static_cast<const entity*>(made)};
  }
  frame& make_frame(frame* parent, std::size_t slots);

  /// The innermost frame that runs, or nullptr.
  frame* current_frame = nullptr;
  /// The text that a filter block filters.
  object block_text;
  /// Expressions, statements and calls inside of each other.
  std::size_t levels = 0;

private:
  result<void> look_up();

  /// What anything that is made takes of memory at least.
  static constexpr std::size_t made_bytes = 64;

  const scope& variables_;
  const value* parameters_;
  std::size_t work_ = 0;
  /// 0: the first charge looks whether there is time at all.
  std::size_t next_look_ = 0;
  std::forward_list<made_list> lists_;
  std::forward_list<made_dict> dicts_;
  std::forward_list<frame> frames_;
  std::forward_list<std::unique_ptr<const entity>> entities_;
};

/// One level of an evaluation, which bounds the stack.
class level {
public:
  explicit level(context& c) noexcept : c_(c) { ++c_.levels; }
  ~level() { --c_.levels; }
  level(const level&) = delete;
  level& operator=(const level&) = delete;
  result<void> check() const {
    return c_.levels <= limits::levels ? result<void>{} : refuse("the template goes too deep: calls within calls");
  }

private:
  context& c_;
};

/// Sets an item of a dict, which is found by its key; an error if the key has no hash.
result<void> set_item(context& c, made_dict& dict, object key, object x);

/// The error for using something undefined where a value is needed.
tl::unexpected<evaluation_error> refuse_undefined(const undefined& x);
/// The error for a value of the wrong type; the right one if it is undefined.
tl::unexpected<evaluation_error> refuse_kind(const object& x, const std::string& wanted);

} // namespace sluice::language::detail
