#include "config/language/statement.hpp"

namespace sluice::language::detail {

namespace {

using found = std::vector<const expression*>;

void add(found& out, const expression_ptr& e) {
  if (e != nullptr)
    out.push_back(e.get());
}

void add(found& out, const macro_definition& x) {
  for (auto& e : x.defaults)
    add(out, e);
  collect_expressions(x.inner, out);
}

void collect(found& out, const choice& x) {
  for (auto& [condition, inner] : x.branches) {
    add(out, condition);
    collect_expressions(inner, out);
  }
  collect_expressions(x.otherwise, out);
}

void collect(found& out, const loop& x) {
  add(out, x.iterable);
  add(out, x.condition);
  collect_expressions(x.inner, out);
  collect_expressions(x.otherwise, out);
}

void collect(found& out, const assignment& x) {
  add(out, x.x);
}

void collect(found& out, const macro& x) {
  add(out, *x.definition);
}

void collect(found& out, const call_block& x) {
  add(out, x.call);
  add(out, *x.caller);
}

void collect(found& out, const scope_block& x) {
  for (auto& [ignored, e] : x.variables)
    add(out, e);
  collect_expressions(x.inner, out);
}

void collect(found&, const inclusion&) {}

/// Blocks whose text is filtered.
template <class Block>
void collect(found& out, const Block& x) {
  add(out, x.filtered);
  collect_expressions(x.inner, out);
}

} // namespace

void collect_expressions(const body& parts, std::vector<const expression*>& out) {
  for (auto& part : parts) {
    add(out, part.expr);
    if (part.what != nullptr)
      std::visit([&](auto& node) { collect(out, node); }, part.what->node);
  }
}

} // namespace sluice::language::detail
