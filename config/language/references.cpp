#include "config/language/ast.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>

namespace sluice::language::detail {

namespace {

using child_list = std::vector<const expression*>;

void push(child_list& out, const expression_ptr& e) {
  if (e != nullptr)
    out.push_back(e.get());
}

void push(child_list& out, const std::vector<expression_ptr>& items) {
  for (auto& e : items)
    push(out, e);
}

void push(child_list& out, const call_arguments& x) {
  push(out, x.positional);
  for (auto& [ignored, e] : x.named)
    push(out, e);
  push(out, x.list);
  push(out, x.dict);
}

void push_children(child_list&, const constant&) {}
void push_children(child_list&, const variable&) {}
void push_children(child_list&, const block_text&) {}
void push_children(child_list& out, const attribute& x) {
  push(out, x.base);
}
void push_children(child_list& out, const subscript& x) {
  push(out, x.base);
  push(out, x.index);
}
void push_children(child_list& out, const slice_of& x) {
  for (auto* e : {&x.base, &x.first, &x.last, &x.step})
    push(out, *e);
}
void push_children(child_list& out, const function_call& x) {
  push(out, x.called);
  push(out, x.arguments);
}
void push_children(child_list& out, const unary& x) {
  push(out, x.operand);
}
void push_children(child_list& out, const binary& x) {
  push(out, x.left);
  push(out, x.right);
}
void push_children(child_list& out, const logical& x) {
  push(out, x.operands);
}
void push_children(child_list& out, const comparison& x) {
  push(out, x.first);
  for (auto& [ignored, e] : x.rest)
    push(out, e);
}
void push_children(child_list& out, const conditional& x) {
  for (auto* e : {&x.test, &x.then, &x.otherwise})
    push(out, *e);
}
void push_children(child_list& out, const concatenation& x) {
  push(out, x.parts);
}
void push_children(child_list& out, const sequence_display& x) {
  push(out, x.items);
}
void push_children(child_list& out, const dict_display& x) {
  for (auto& [key, e] : x.items) {
    push(out, key);
    push(out, e);
  }
}
/// Method calls, filters and tests: something, and arguments.
template <class Call>
void push_children(child_list& out, const Call& x) {
  push(out, x.base);
  push(out, x.arguments);
}

const std::string* literal_string(const expression_ptr& e) {
  auto* literal = e == nullptr ? nullptr : std::get_if<constant>(&e->node);
  return literal == nullptr ? nullptr : literal->x.as_string();
}

/// The access path that `e` is, if it is nothing but one.
std::optional<reference> path_of(const expression& e) {
  if (auto* x = std::get_if<variable>(&e.node))
    return reference{x->name};
  const expression* base = nullptr;
  const std::string* key = nullptr;
  if (auto* access = std::get_if<attribute>(&e.node)) {
    base = access->base.get();
    key = &access->name;
  } else if (auto* lookup = std::get_if<subscript>(&e.node)) {
    base = lookup->base.get();
    key = literal_string(lookup->index);
  } else if (auto* call = std::get_if<method_call>(&e.node); call != nullptr && call->name == "get") {
    base = call->base.get();
    key = call->arguments.positional.empty() ? nullptr : literal_string(call->arguments.positional[0]);
  }
  auto path = key == nullptr ? std::nullopt : path_of(*base);
  if (path)
    path->push_back(*key);
  return path;
}

class collector {
public:
  collector(std::string_view name, std::vector<reference>& out) : name_(name), out_(out) {}

  void walk(const expression& e) {
    if (auto path = path_of(e)) {
      add(std::move(*path));
      walk_defaults(e);
      return;
    }
    if (auto* x = std::get_if<comparison>(&e.node)) {
      walk_comparison(*x);
      return;
    }
    for (auto* child : children(e))
      walk(*child);
  }

private:
  void add(reference path) {
    if (path.front() == name_ && std::find(out_.begin(), out_.end(), path) == out_.end())
      out_.push_back(std::move(path));
  }

  /// `a.get('b', c)` reads c as well.
  void walk_defaults(const expression& e) {
    if (auto* call = std::get_if<method_call>(&e.node)) {
      for (std::size_t i = 1; i < call->arguments.positional.size(); ++i)
        walk(*call->arguments.positional[i]);
      for (auto& [ignored, argument] : call->arguments.named)
        walk(*argument);
      for (auto* argument : {&call->arguments.list, &call->arguments.dict}) {
        if (*argument != nullptr)
          walk(**argument);
      }
      walk_defaults(*call->base);
    } else if (auto* x = std::get_if<attribute>(&e.node)) {
      walk_defaults(*x->base);
    } else if (auto* y = std::get_if<subscript>(&e.node)) {
      walk_defaults(*y->base);
    }
  }

  /// `'error' in response` looks at the key `error` alone.
  void walk_comparison(const comparison& x) {
    auto* left = &x.first;
    bool left_done = false;
    for (auto& [op, right] : x.rest) {
      bool membership = op == comparison_operator::in || op == comparison_operator::not_in;
      auto* key = membership ? literal_string(*left) : nullptr;
      auto path = key == nullptr ? std::nullopt : path_of(*right);
      if (!left_done)
        walk(**left);
      left_done = path.has_value();
      if (path) {
        path->push_back(*key);
        add(std::move(*path));
        walk_defaults(*right);
      }
      left = &right;
    }
    if (!left_done)
      walk(**left);
  }

  std::string_view name_;
  std::vector<reference>& out_;
};

} // namespace

child_list children(const expression& e) {
  child_list out;
  std::visit([&](auto& node) { push_children(out, node); }, e.node);
  return out;
}

void collect_references(const expression& e, std::string_view name, std::vector<reference>& out) {
  collector{name, out}.walk(e);
}

std::string describe_path(const expression& e) {
  std::string text;
  if (auto path = path_of(e)) {
    for (auto& segment : *path)
      text += (text.empty() ? "" : ".") + segment;
  }
  return text;
}

} // namespace sluice::language::detail
