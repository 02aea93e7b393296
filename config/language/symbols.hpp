#pragma once

#include "config/language/lexer.hpp"
#include "config/language/signature.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::language::detail {

/// What a name in a template stands for.
struct binding {
  enum class kind : std::uint8_t {
    /// A variable that the template is given.
    given,
    /// A function that all templates have.
    function,
    /// A variable of a statement: `slot` of the frame so many (`depth`) levels out.
    local,
  };

  std::string name;
  std::size_t at = 0;
  kind is = kind::given;
  const builtin* function = nullptr;
  std::size_t depth = 0;
  std::size_t slot = 0;
  /// The given variable that this local one is a plain part of, if any: what it is quoted as.
  std::string quoted_as{};
};

/// The variables of a statement with a scope of its own, and what each is before somebody sets it.
struct frame_layout {
  struct variable {
    std::string name;
    /// What stands for it outside; absent if it begins undefined.
    std::optional<binding> outside;
  };
  std::vector<variable> variables;
};

/// Finds out what the names in a template stand for, by Jinja's rules: statements with a body have scopes of their own;
/// a name that is read before it is set, or set in some branches only, is looked for outside; one that nobody sets must
/// be a given variable or a function, also where it is never reached. The parser tells it the names as it meets them.
class symbol_table {
public:
  symbol_table();

  binding* load(std::string name, std::size_t at) { return add(use::load, std::move(name), at); }
  binding* store(std::string name, std::size_t at) { return add(use::store, std::move(name), at); }
  /// A variable that the statement itself sets whenever its scope is entered.
  binding* parameter(std::string name, std::size_t at) { return add(use::parameter, std::move(name), at); }

  /// Between these, names belong to a scope within the current one. The layout is filled in by `resolve`.
  const frame_layout* open_scope();
  /// Scopes around the current one.
  std::size_t level() const noexcept { return level_; }
  void close_scope();
  /// A parameter of the current scope with a name that templates need not mention, such as `loop`; nullptr if nothing
  /// in the scope reads it.
  binding* implied_parameter(std::string_view name);

  /// Between these, names belong to branches of which at most one is taken.
  void open_branches();
  void next_branch();
  void close_branches();

  /// A block of that name; false if there is one already.
  bool add_block(const std::string& name) { return blocks_.insert(name).second; }
  /// A variable that is set to a plain part of another is quoted as that is.
  void set_origin(const binding* variable, std::string given);
  const frame_layout* outermost() const { return &scopes_.front().layout; }

  /// Tells every name what it stands for; the error is the first name that stands for nothing.
  std::optional<syntax_error> resolve(const std::vector<std::string>& given);

private:
  enum class use : std::uint8_t { load, store, parameter };
  struct event;
  using events = std::vector<event>;
  struct event {
    use how = use::load;
    binding* who = nullptr;
    /// If not empty, this is a choice between these instead.
    std::vector<events> branches{};
  };
  struct symbols;
  struct scope_node {
    scope_node* parent = nullptr;
    frame_layout layout{};
    events all{};
    /// Where events go: the innermost open branch last.
    std::vector<events*> open{};
    /// Branches that are being collected, the innermost last.
    std::vector<std::unique_ptr<std::vector<events>>> collected{};
    std::set<std::string, std::less<>> implied{};
    std::shared_ptr<symbols> found{};
  };

  binding* add(use how, std::string name, std::size_t at);
  void walk(symbols& s, const events& all);
  std::optional<syntax_error> settle(scope_node& scope, const std::vector<std::string>& given);
  std::optional<syntax_error> bind(scope_node& scope, const events& all, const std::vector<std::string>& given);
  static bool find_outside(binding& b, const std::vector<std::string>& given);

  std::set<std::string> blocks_;
  /// By the name of the variable, wherever it is.
  std::map<std::string, std::string> origins_;
  std::deque<binding> bindings_;
  std::deque<scope_node> scopes_;
  scope_node* current_ = nullptr;
  std::size_t level_ = 0;
};

} // namespace sluice::language::detail
