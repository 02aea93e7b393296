#include "config/language/builtins/collections.hpp"

#include "config/language/characters.hpp"
#include "config/language/lookup.hpp"
#include "config/language/operators.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <numeric>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

} // namespace

result<std::vector<object>> sort_by(context& c, const std::vector<object>& items, const std::vector<object>& keys,
                                    bool reverse) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::optional<evaluation_error> problem;
  // A merge sort: its comparisons may be wrong after an error without harm.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (problem)
      return false;
    auto before = compare(c, reverse ? comparison_operator::greater : comparison_operator::less, keys[a], keys[b]);
    if (!before)
      problem = before.error();
    return before && *before;
  });
  if (problem)
    return failure(*problem);
  std::vector<object> sorted;
  sorted.reserve(order.size());
  for (auto i : order)
    sorted.push_back(items[i]);
  return sorted;
}

result<std::vector<object>> item_pairs(context& c, const object& dict) {
  if (auto ok = c.charge_elements(dict, 3); !ok)
    return failure(ok.error());
  auto view = *mapping::of(dict);
  std::vector<object> pairs;
  for (std::size_t i = 0; i < view.size(); ++i)
    pairs.push_back(c.make_list({view.key(i), view.at(i)}, list_kind::tuple));
  return pairs;
}

result<object> copy_dict(context& c, const object& dict) {
  if (auto ok = c.charge_elements(dict); !ok)
    return failure(ok.error());
  auto view = *mapping::of(dict);
  auto& made = c.make_dict();
  for (std::size_t i = 0; i < view.size(); ++i)
    made.items.emplace_back(view.key(i), view.at(i));
  return object{&made};
}

result<void> fill_dict(context& c, made_dict& to, const arguments& args) {
  std::vector<object> pairs;
  if (!args.rest().empty()) {
    auto& from = args.rest()[0];
    auto items = from.is_dict() ? item_pairs(c, from) : c.elements_of(from);
    if (!items)
      return failure(items.error());
    pairs = std::move(*items);
  }
  for (auto& pair : pairs) {
    auto both = c.elements_of(pair);
    if (!both)
      return failure(both.error());
    if (both->size() != 2)
      return refuse("a dict is made of pairs");
    if (auto ok = set_item(c, to, (*both)[0], (*both)[1]); !ok)
      return ok;
  }
  for (auto& [name, x] : args.named()) {
    if (auto ok = set_item(c, to, object{value{name}}, x); !ok)
      return ok;
  }
  return {};
}

result<attribute_reader> attribute_reader::make(const object& path, std::optional<object> otherwise, bool ignore_case) {
  attribute_reader reader;
  reader.otherwise_ = std::move(otherwise);
  reader.ignore_case_ = ignore_case;
  if (path.is_none())
    return reader;
  auto* text = path.as_string();
  if (text == nullptr) {
    if (!as_integer(path))
      return refuse_kind(path, "a string or an integer as attribute");
    reader.path_.push_back(path);
    return reader;
  }
  std::string_view rest = *text;
  for (bool more = true; more;) {
    auto dot = rest.find('.');
    auto name = rest.substr(0, dot);
    more = dot != std::string_view::npos;
    rest.remove_prefix(more ? dot + 1 : rest.size());
    bool is_number = !name.empty() && name.size() < 10
                     && std::all_of(name.begin(), name.end(), [](char x) { return ascii_digits.contains(x); });
    reader.path_.emplace_back(is_number ? value{std::stoi(std::string{name})} : value{std::string{name}});
  }
  return reader;
}

result<object> attribute_reader::operator()(context& c, const object& x) const {
  auto found = x;
  for (auto& name : path_) {
    if (auto ok = c.charge_lookup(found); !ok)
      return failure(ok.error());
    auto part = read_item(c, found, name);
    if (!part)
      return part;
    if (part->as_undefined() != nullptr && otherwise_)
      found = *otherwise_;
    else
      found = std::move(*part);
  }
  if (ignore_case_ && found.as_string() != nullptr)
    return c.text(lower(*found.as_string()));
  return found;
}

} // namespace sluice::language::detail
