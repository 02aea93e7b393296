#include "config/language/symbols.hpp"

#include "config/language/builtins/unknown_names.hpp"

#include <algorithm>

namespace sluice::language::detail {

/// What is known of the names of a scope at some point of the walk through it.
struct symbol_table::symbols {
  enum class origin : std::uint8_t {
    /// Set whenever the scope is entered.
    parameter,
    /// Undefined until it is set.
    nowhere,
    /// Begins with what the scopes around it have.
    around,
    /// Begins with what the template is given.
    given,
  };

  struct place {
    const symbols* scope = nullptr;
    std::size_t depth = 0;
  };

  /// The scope that knows `name`, from the inside out.
  std::optional<place> find(const std::string& name) const {
    std::size_t depth = 0;
    for (auto* s = this; s != nullptr; s = s->parent, ++depth) {
      if (s->known.contains(name))
        return place{s, depth};
    }
    return std::nullopt;
  }

  bool is_around(const std::string& name) const { return parent != nullptr && parent->find(name); }

  void load(const std::string& name) {
    if (!find(name))
      known[name] = origin::given;
  }
  void store(const std::string& name) {
    stored.insert(name);
    if (!known.contains(name))
      known[name] = is_around(name) ? origin::around : origin::nowhere;
  }
  void declare(const std::string& name) {
    stored.insert(name);
    known[name] = origin::parameter;
  }
  /// After a choice, what some branch has set may not be set.
  void merge(const std::vector<symbols>& branches) {
    std::set<std::string> fresh;
    for (auto& branch : branches) {
      for (auto& name : branch.stored) {
        if (!stored.contains(name))
          fresh.insert(name);
      }
    }
    for (auto& branch : branches) {
      for (auto& [name, from] : branch.known)
        known[name] = from;
      stored.insert(branch.stored.begin(), branch.stored.end());
    }
    for (auto& name : fresh)
      known[name] = is_around(name) ? origin::around : origin::given;
  }

  const symbols* parent = nullptr;
  std::map<std::string, origin> known{};
  std::set<std::string> stored{};
};

symbol_table::symbol_table() {
  current_ = &scopes_.emplace_back();
  current_->open.push_back(&current_->all);
}

const frame_layout* symbol_table::open_scope() {
  auto& scope = scopes_.emplace_back();
  scope.parent = current_;
  scope.open.push_back(&scope.all);
  current_ = &scope;
  ++level_;
  return &scope.layout;
}

void symbol_table::close_scope() {
  current_ = current_->parent;
  --level_;
}

binding* symbol_table::add(use how, std::string name, std::size_t at) {
  auto& b = bindings_.emplace_back(binding{std::move(name), at});
  current_->open.back()->push_back({how, &b});
  if (how == use::load) {
    for (auto* scope = current_; scope != nullptr; scope = scope->parent)
      scope->implied.insert(b.name);
  }
  return &b;
}

binding* symbol_table::implied_parameter(std::string_view name) {
  if (!current_->implied.contains(name))
    return nullptr;
  auto& b = bindings_.emplace_back(binding{std::string{name}});
  current_->all.insert(current_->all.begin(), {use::parameter, &b});
  return &b;
}

void symbol_table::open_branches() {
  current_->collected.push_back(std::make_unique<std::vector<events>>(1));
  current_->open.push_back(&current_->collected.back()->back());
}

void symbol_table::next_branch() {
  auto& collected = *current_->collected.back();
  collected.emplace_back();
  current_->open.back() = &collected.back();
}

void symbol_table::close_branches() {
  auto collected = std::move(current_->collected.back());
  current_->collected.pop_back();
  current_->open.pop_back();
  current_->open.back()->push_back({use::load, nullptr, std::move(*collected)});
}

void symbol_table::walk(symbols& s, const events& all) {
  for (auto& [how, who, branches] : all) {
    if (!branches.empty()) {
      std::vector<symbols> taken;
      for (auto& branch : branches)
        walk(taken.emplace_back(s), branch);
      s.merge(taken);
    } else if (how == use::load) {
      s.load(who->name);
    } else if (how == use::store) {
      s.store(who->name);
    } else {
      s.declare(who->name);
    }
  }
}

std::optional<syntax_error> symbol_table::resolve(const std::vector<std::string>& given) {
  // Outer scopes first: what they know at their end is what inner ones see.
  for (auto& scope : scopes_) {
    scope.found = std::make_shared<symbols>();
    scope.found->parent = scope.parent == nullptr ? nullptr : scope.parent->found.get();
    walk(*scope.found, scope.all);
    if (auto problem = settle(scope, given))
      return problem;
  }
  return std::nullopt;
}

void symbol_table::set_origin(const binding* variable, std::string given) {
  auto known = origins_.find(given);
  origins_[variable->name] = known == origins_.end() ? std::move(given) : known->second;
}

bool symbol_table::find_outside(binding& b, const std::vector<std::string>& given) {
  b.function = nullptr;
  b.is = binding::kind::given;
  if (std::find(given.begin(), given.end(), b.name) != given.end()) {
    b.function = find_granted_function(b.name);
    if (b.function != nullptr)
      b.is = binding::kind::function;
    return true;
  }
  b.function = find_function(b.name);
  b.is = binding::kind::function;
  return b.function != nullptr;
}

std::optional<syntax_error> symbol_table::settle(scope_node& scope, const std::vector<std::string>& given) {
  auto& found = *scope.found;
  for (auto& [name, from] : found.known) {
    if (!found.stored.contains(name)) // only read
      continue;
    frame_layout::variable variable{name, std::nullopt};
    binding b{name};
    if (from == symbols::origin::around) {
      auto outer = *found.parent->find(name);
      if (outer.scope->stored.contains(name)) {
        b.is = binding::kind::local;
        b.depth = outer.depth + 1; // seen from the new frame
        auto* owner = scope.parent;
        for (std::size_t i = 0; i < outer.depth; ++i)
          owner = owner->parent;
        auto& all = owner->layout.variables;
        // Clang before 16, as in Debian 12, captures no names of a structured binding.
        b.slot = static_cast<std::size_t>(
          std::find_if(all.begin(), all.end(), [&wanted = name](auto& v) { return v.name == wanted; }) - all.begin());
        variable.outside = b;
      } else if (find_outside(b, given)) {
        variable.outside = b;
      }
    } else if (from == symbols::origin::given) {
      if (find_outside(b, given))
        variable.outside = b;
    }
    scope.layout.variables.push_back(std::move(variable));
  }
  return bind(scope, scope.all, given);
}

std::optional<syntax_error> symbol_table::bind(scope_node& scope, const events& all,
                                               const std::vector<std::string>& given) {
  for (auto& [how, who, branches] : all) {
    for (auto& branch : branches) {
      if (auto problem = bind(scope, branch, given))
        return problem;
    }
    if (who == nullptr)
      continue;
    auto place = *scope.found->find(who->name);
    bool is_given = place.scope->known.at(who->name) == symbols::origin::given;
    if (is_given && !find_outside(*who, given))
      return syntax_error{unknown_name(who->name, given), who->at};
    if (!place.scope->stored.contains(who->name))
      continue;
    who->is = binding::kind::local;
    who->depth = place.depth;
    if (auto origin = origins_.find(who->name); origin != origins_.end())
      who->quoted_as = origin->second;
    auto* owner = &scope;
    for (std::size_t i = 0; i < place.depth; ++i)
      owner = owner->parent;
    auto& variables = owner->layout.variables;
    who->slot = static_cast<std::size_t>(
      std::find_if(variables.begin(), variables.end(), [&wanted = who->name](auto& v) { return v.name == wanted; })
      - variables.begin());
  }
  return std::nullopt;
}

} // namespace sluice::language::detail
