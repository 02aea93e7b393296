#include "config/manifest/read/references.hpp"

#include "config/manifest/read/dict_builder.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

constexpr std::string_view ref_key = "$ref";

bool is_reference(const value& x) noexcept {
  const auto* text = x.as_string();
  return text != nullptr && text->size() >= 2 && (*text)[0] == '#' && (*text)[1] == '/';
}

/// A resolved node and how deep it is nested: shared nodes could otherwise build a tree deeper than the stack.
struct resolved {
  value node;
  std::size_t height = 0;
};

class resolver {
public:
  resolver(const value& root, line_table& lines) : root_{root}, lines_{lines} {}

  resolved resolve(const value& x) {
    if (is_reference(x))
      return follow(*x.as_string());
    const void* id = x.as_dict() != nullptr ? static_cast<const void*>(x.as_dict()) : x.as_list();
    if (id == nullptr || failed())
      return {x, 0};
    if (auto known = done_.find(id); known != done_.end())
      return known->second;
    if (++depth_ > max_manifest_depth)
      return too_deep();
    if (int line = lines_.find(x); line > 0)
      line_ = line;
    resolved result = x.as_dict() != nullptr ? resolve_dict(x) : resolve_list(x);
    if (result.height > max_manifest_depth)
      return too_deep();
    if (int line = lines_.find(x); line > 0 && lines_.find(result.node) == 0)
      lines_.set(result.node, line);
    --depth_;
    done_.emplace(id, result);
    return result;
  }

  bool failed() const noexcept { return !message_.empty(); }
  const std::string& message() const noexcept { return message_; }
  int line() const noexcept { return line_; }

private:
  resolved resolve_dict(const value& x) {
    const auto& dict = *x.as_dict();
    value_dict result;
    std::size_t height = 0;
    result.reserve(dict.size());
    bool changed = false;
    const value* ref = nullptr;
    for (const auto& [key, element] : dict) {
      if (key == ref_key && element.as_string() != nullptr) {
        ref = &element;
        continue;
      }
      auto inner = resolve(element);
      height = std::max(height, inner.height + 1);
      result.emplace_back(key, std::move(inner.node));
      changed = changed || !same(element, result.back().second);
    }
    if (ref == nullptr)
      return {changed ? value{std::move(result)} : x, height};
    if (!is_reference(*ref)) {
      give_up("$ref must start with #/, but is '" + *ref->as_string() + "'");
      return {};
    }
    auto target = follow(*ref->as_string());
    if (target.node.as_dict() == nullptr || result.empty())
      return target;
    for (const auto* copied : {target.node.as_dict(), &std::as_const(result)})
      for (const auto& [key, element] : *copied)
        merged_ += nodes_of(element) + nodes_of_text(key) - 1;
    if (merged_ > max_manifest_nodes) {
      give_up("its references expand to more than " + std::to_string(max_manifest_nodes) + " nodes");
      return {};
    }
    dict_builder merged{*target.node.as_dict()};
    for (auto& [key, element] : result)
      merged.put(key, std::move(element));
    return {value{merged.take()}, std::max(height, target.height)};
  }

  resolved resolve_list(const value& x) {
    value_list result;
    std::size_t height = 0;
    result.reserve(x.as_list()->size());
    bool changed = false;
    for (const auto& element : *x.as_list()) {
      auto inner = resolve(element);
      height = std::max(height, inner.height + 1);
      result.push_back(std::move(inner.node));
      changed = changed || !same(element, result.back());
    }
    return {changed ? value{std::move(result)} : x, height};
  }

  /// Unchanged nodes keep their identity; scalars change only if they are references.
  static bool same(const value& before, const value& after) noexcept {
    return before.as_dict() == after.as_dict() && before.as_list() == after.as_list() && !is_reference(before);
  }

  resolved follow(const std::string& reference) {
    if (failed())
      return {};
    if (auto known = targets_.find(reference); known != targets_.end())
      return known->second;
    if (std::find(active_.begin(), active_.end(), reference) != active_.end()) {
      std::string chain;
      for (const auto& x : active_)
        chain += x + " -> ";
      give_up("circular reference " + chain + reference);
      return {};
    }
    const value* target = find(root_, std::string_view{reference}.substr(2));
    if (target == nullptr) {
      give_up("the reference '" + reference + "' leads nowhere");
      return {};
    }
    if (active_.size() >= max_manifest_depth) {
      give_up("a chain of more than " + std::to_string(max_manifest_depth) + " references");
      return {};
    }
    active_.push_back(reference);
    auto result = resolve(*target);
    active_.pop_back();
    targets_.emplace(reference, result);
    return result;
  }

  /// The whole rest of the path may be one key; else its first segment is a key or an index.
  static const value* find(const value& node, std::string_view path) noexcept {
    const value* here = &node;
    while (true) {
      if (const value* whole = here->find(path))
        return whole;
      auto slash = path.find('/');
      if (slash == std::string_view::npos && here->as_list() == nullptr)
        return nullptr;
      auto segment = path.substr(0, slash);
      if (const auto* list = here->as_list()) {
        std::size_t index = 0;
        auto [end, ec] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
        if (ec != std::errc{} || end != segment.data() + segment.size() || index >= list->size())
          return nullptr;
        here = &(*list)[index];
      } else {
        here = here->find(segment);
        if (here == nullptr)
          return nullptr;
      }
      if (slash == std::string_view::npos)
        return here;
      path.remove_prefix(slash + 1);
    }
  }

  resolved too_deep() {
    give_up("nested deeper than " + std::to_string(max_manifest_depth) + " levels with its references");
    return {};
  }

  void give_up(std::string message) {
    if (!failed())
      message_ = std::move(message);
  }

  const value& root_;
  line_table& lines_;
  std::unordered_map<const void*, resolved> done_;
  std::unordered_map<std::string, resolved> targets_;
  std::vector<std::string> active_;
  std::size_t depth_ = 0;
  /// Entries of merged dicts: the only thing that references copy. What they share is counted where it is used.
  std::size_t merged_ = 0;
  int line_ = 0;
  std::string message_;
};

} // namespace

expected<value> resolve_references(const yaml_document& document, line_table& lines, std::string_view origin) {
  resolver r{document.root, lines};
  value result = r.resolve(document.root).node;
  if (!r.failed())
    return result;
  return fail(errc::bad_manifest, failure_type::config_error,
              "The manifest " + std::string{origin} + " cannot be used: " + r.message() + " (near line "
                + std::to_string(r.line()) + "). Nothing was read from the source.");
}

} // namespace sluice
