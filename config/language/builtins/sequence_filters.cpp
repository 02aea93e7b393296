#include "config/language/builtins/collections.hpp"
#include "config/language/builtins/filter_tables.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
#include "config/language/operators.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <random>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

object generator(context& c, std::vector<object> items) {
  return c.make_list(std::move(items), list_kind::generator);
}

/// The named argument of a function that takes any; none if it is absent.
object named(const arguments& args, std::string_view name) {
  for (auto& [known, x] : args.named()) {
    if (known == name)
      return x;
  }
  return object{};
}

/// Applies a filter or test by its name, with the arguments from `from` on.
result<object> apply_named(context& c, const builtin& what, const object& x, const arguments& args, std::size_t from) {
  call_values given;
  given.positional.assign(args.rest().begin() + static_cast<std::ptrdiff_t>(from), args.rest().end());
  given.named = args.named();
  return call_builtin(c, what, x, std::move(given));
}

/// `map('filter', ...)`, `map(attribute='name', default=...)`
result<object> filter_map(context& c, const object& self, const arguments& args) {
  if (!truthy(self))
    return generator(c, {});
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  std::vector<object> made;
  if (args.rest().empty()) {
    auto otherwise = named(args, "default");
    auto read
      = attribute_reader::make(named(args, "attribute"), otherwise.is_none() ? std::nullopt : std::optional{otherwise});
    if (!read || named(args, "attribute").is_none())
      return read ? refuse("it needs the name of a filter, or 'attribute'") : failure(read.error());
    for (auto& item : *items) {
      auto x = (*read)(c, item);
      if (!x)
        return x;
      made.push_back(std::move(*x));
    }
    return generator(c, std::move(made));
  }
  auto* name = args.rest()[0].as_string();
  auto* filter = name == nullptr ? nullptr : find_filter(*name);
  if (filter == nullptr)
    return refuse("there is no filter of the name that it is given");
  for (auto& item : *items) {
    auto x = apply_named(c, *filter, item, args, 1);
    if (!x)
      return x;
    made.push_back(std::move(*x));
  }
  return generator(c, std::move(made));
}

/// `select('test', ...)`, `selectattr('name', 'test', ...)` and their opposites; without a test, by truth.
template <bool Wanted, bool ByAttribute>
result<object> filter_select(context& c, const object& self, const arguments& args) {
  if (!truthy(self))
    return generator(c, {});
  if (ByAttribute && args.rest().empty())
    return refuse("it needs the name of an attribute");
  auto read = attribute_reader::make(ByAttribute ? args.rest()[0] : object{});
  auto items = c.elements_of(self);
  if (!read)
    return failure(read.error());
  if (!items)
    return failure(items.error());
  constexpr std::size_t at = ByAttribute ? 1 : 0;
  const builtin* test = nullptr;
  if (args.rest().size() > at) {
    auto* name = args.rest()[at].as_string();
    test = name == nullptr ? nullptr : find_test(*name);
    if (test == nullptr)
      return refuse("there is no test of the name that it is given");
  }
  std::vector<object> taken;
  for (auto& item : *items) {
    auto x = (*read)(c, item);
    if (x && test != nullptr)
      x = apply_named(c, *test, *x, args, at + 1);
    if (!x)
      return x;
    if (truthy(*x) == Wanted)
      taken.push_back(item);
  }
  return generator(c, std::move(taken));
}

/// What the filters below sort, group and compare by.
result<std::vector<object>> keys_of(context& c, const std::vector<object>& items, const object& path,
                                    bool case_sensitive, std::optional<object> otherwise = std::nullopt) {
  auto read = attribute_reader::make(path, std::move(otherwise), !case_sensitive);
  if (!read)
    return failure(read.error());
  std::vector<object> keys;
  for (auto& item : items) {
    auto key = (*read)(c, item);
    if (!key)
      return failure(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

object argument(const arguments& args, std::size_t i) {
  return args.has(i) ? args[i] : object{};
}

/// (case_sensitive=false, attribute=none): the first of those that are equal.
result<object> filter_unique(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto keys = keys_of(c, *items, argument(args, 1), args.has(0) && truthy(args[0]));
  if (!keys)
    return failure(keys.error());
  auto& seen = c.make_dict();
  std::vector<object> taken;
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto known = seen.items.size();
    if (auto ok = set_item(c, seen, (*keys)[i], object{}); !ok)
      return failure(ok.error());
    if (seen.items.size() > known)
      taken.push_back((*items)[i]);
  }
  return generator(c, std::move(taken));
}

/// (reverse=false, case_sensitive=false, attribute=none): by one attribute or several, with commas between them.
result<object> filter_sort(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  bool case_sensitive = args.has(1) && truthy(args[1]);
  auto by = argument(args, 2);
  std::vector<object> keys;
  if (auto* text = by.as_string(); text != nullptr && text->find(',') != std::string::npos) {
    std::vector<std::vector<object>> parts(items->size());
    for (std::string_view rest = *text; !rest.empty();) {
      auto name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(name.size() + 1, rest.size()));
      auto some = keys_of(c, *items, object{value{std::string{name}}}, case_sensitive);
      if (!some)
        return failure(some.error());
      for (std::size_t i = 0; i < parts.size(); ++i)
        parts[i].push_back((*some)[i]);
    }
    for (auto& part : parts)
      keys.push_back(c.make_list(std::move(part)));
  } else {
    auto some = keys_of(c, *items, by, case_sensitive);
    if (!some)
      return failure(some.error());
    keys = std::move(*some);
  }
  auto sorted = sort_by(c, *items, keys, args.has(0) && truthy(args[0]));
  return sorted ? c.make_list(std::move(*sorted)) : result<object>{failure(sorted.error())};
}

/// (attribute, default=none, case_sensitive=false): tuples of the attribute and the list of those that have it.
result<object> filter_groupby(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto otherwise = argument(args, 1);
  auto missing = otherwise.is_none() ? std::nullopt : std::optional{otherwise};
  bool case_sensitive = args.has(2) && truthy(args[2]);
  auto keys = keys_of(c, *items, args[0], case_sensitive, missing);
  auto shown = keys_of(c, *items, args[0], true, missing);
  if (!keys || !shown)
    return failure(keys ? shown.error() : keys.error());
  std::vector<object> positions;
  for (std::size_t i = 0; i < items->size(); ++i)
    positions.emplace_back(value{static_cast<std::int64_t>(i)});
  auto order = sort_by(c, positions, *keys, false);
  if (!order)
    return failure(order.error());
  std::vector<object> groups;
  std::optional<std::size_t> first;
  for (auto& position : *order) {
    auto i = static_cast<std::size_t>(*as_integer(position));
    if (!first || !equal((*keys)[i], (*keys)[*first])) {
      first = i;
      auto group = c.make_list({(*shown)[i], c.make_list({})}, list_kind::tuple);
      group.as_made_list()->is_group = true;
      groups.push_back(group);
    }
    groups.back().as_made_list()->items[1].as_made_list()->items.push_back((*items)[i]);
  }
  return c.make_list(std::move(groups));
}

/// (case_sensitive=false, attribute=none)
template <bool Greatest>
result<object> filter_extreme(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto keys = keys_of(c, *items, argument(args, 1), args.has(0) && truthy(args[0]));
  if (!keys)
    return failure(keys.error());
  if (items->empty())
    return object{undefined{"the greatest or least of no elements"}};
  std::size_t best = 0;
  for (std::size_t i = 1; i < items->size(); ++i) {
    auto better
      = compare(c, Greatest ? comparison_operator::greater : comparison_operator::less, (*keys)[i], (*keys)[best]);
    if (!better)
      return failure(better.error());
    best = *better ? i : best;
  }
  return (*items)[best];
}

/// (attribute=none, start=0)
result<object> filter_sum(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto terms = keys_of(c, *items, argument(args, 0), true);
  if (!terms)
    return failure(terms.error());
  auto sum = args.has(1) ? args[1] : object{value{0}};
  if (sum.as_string() != nullptr)
    return refuse("texts are joined, not summed", error_kind::type);
  for (auto& term : *terms) {
    auto next = apply(c, binary_operator::add, sum, term);
    if (!next)
      return next;
    sum = std::move(*next);
  }
  return sum;
}

/// The first or last element. A long list is not copied for it.
result<object> end_of(context& c, const object& self, bool last) {
  object missing{undefined{last ? "the last of no elements" : "the first of no elements"}};
  if (auto view = sequence::of(self)) {
    if (view->size() == 0)
      return missing;
    auto at = last ? view->size() - 1 : 0;
    return self.is_borrowed() ? view->look(at) : (*view)[at];
  }
  if (self.is_generator()) {
    auto& made = *self.as_made_list();
    if (last)
      return refuse("what a filter gives has no last element: put '| list' before", error_kind::type);
    return made.taken < made.items.size() ? made.items[made.taken++] : missing;
  }
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  return items->empty() ? missing : last ? items->back() : items->front();
}

result<object> filter_first(context& c, const object& self, const arguments&) {
  return end_of(c, self, false);
}

result<object> filter_last(context& c, const object& self, const arguments&) {
  return end_of(c, self, true);
}

result<object> filter_random(context& c, const object& self, const arguments&) {
  auto view = sequence::of(self);
  auto items = view ? result<std::vector<object>>{} : c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto size = view ? view->size() : items->size();
  if (size == 0)
    return object{undefined{"a random one of no elements"}};
  std::random_device source;
  auto at = std::uniform_int_distribution<std::size_t>{0, size - 1}(source);
  return view ? (*view)[at] : (*items)[at];
}

result<object> filter_list(context& c, const object& self, const arguments&) {
  auto items = c.elements_of(self);
  return items ? c.make_list(std::move(*items)) : result<object>{failure(items.error())};
}

result<object> filter_length(context&, const object& self, const arguments&) {
  auto size = length(self);
  if (!size)
    return refuse_kind(self, "a string, list or dict");
  return object{value{static_cast<std::int64_t>(*size)}};
}

/// A text backwards; of a list, what gives its elements backwards.
result<object> filter_reverse(context& c, const object& self, const arguments&) {
  auto items = c.elements_of(self);
  if (!items) {
    auto problem = items.error(); // Jinja's own error, not Python's
    problem.kind = problem.kind == error_kind::type ? error_kind::other : problem.kind;
    return failure(std::move(problem));
  }
  std::reverse(items->begin(), items->end());
  if (self.as_string() != nullptr)
    return join(c, *items, "");
  return self.is_generator() ? c.make_list(std::move(*items)) : generator(c, std::move(*items));
}

/// (d='', attribute=none)
result<object> filter_join(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto separator = args.has(0) ? c.text_of(args[0]) : std::string{};
  if (!separator)
    return failure(separator.error());
  auto parts = keys_of(c, *items, argument(args, 1), true);
  return parts ? join(c, *parts, *separator) : result<object>{failure(parts.error())};
}

/// (linecount, fill_with=none): lists of so many elements.
result<object> filter_batch(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto size = as_integer(args[0]);
  if (!size)
    return refuse_kind(args[0], "an integer");
  std::vector<object> batches;
  std::vector<object> batch;
  auto full = [&] { return static_cast<std::int64_t>(batch.size()) == *size; };
  for (auto& item : *items) {
    if (full())
      batches.push_back(c.make_list(std::exchange(batch, {})));
    batch.push_back(item);
  }
  if (!batch.empty()) {
    auto fill = argument(args, 1);
    auto missing = *size - static_cast<std::int64_t>(batch.size());
    if (!fill.is_none() && missing > 0) {
      if (missing > static_cast<std::int64_t>(limits::elements))
        return refuse("the resulting list has more than 65536 elements");
      if (auto ok = c.charge(static_cast<std::size_t>(missing) * sizeof(object)); !ok)
        return failure(ok.error());
      batch.insert(batch.end(), static_cast<std::size_t>(missing), fill);
    }
    batches.push_back(c.make_list(std::move(batch)));
  }
  return generator(c, std::move(batches));
}

/// (slices, fill_with=none): so many lists.
result<object> filter_slice(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto slices = as_integer(args[0]);
  if (!slices)
    return refuse_kind(args[0], "an integer");
  if (*slices == 0)
    return refuse("division by zero");
  if (*slices > static_cast<std::int64_t>(limits::elements))
    return refuse("the resulting list has more than 65536 elements");
  if (auto ok = c.charge(*slices > 0 ? static_cast<std::size_t>(*slices) * sizeof(made_list) : 1); !ok)
    return failure(ok.error());
  std::vector<object> made;
  auto size = static_cast<std::int64_t>(items->size());
  auto each = *slices > 0 ? size / *slices : 0;
  auto longer = *slices > 0 ? size % *slices : 0;
  auto at = items->begin();
  for (std::int64_t i = 0; i < *slices; ++i) {
    auto count = each + (i < longer ? 1 : 0);
    std::vector<object> slice{at, at + count};
    at += count;
    if (auto fill = argument(args, 1); !fill.is_none() && i >= longer)
      slice.push_back(fill);
    made.push_back(c.make_list(std::move(slice)));
  }
  return generator(c, std::move(made));
}

result<object> filter_items(context& c, const object& self, const arguments&) {
  if (self.as_undefined() != nullptr)
    return generator(c, {});
  if (!self.is_dict())
    return refuse_kind(self, "a dict");
  auto items = item_pairs(c, self);
  return items ? generator(c, std::move(*items)) : result<object>{failure(items.error())};
}

/// (case_sensitive=false, by='key', reverse=false)
result<object> filter_dictsort(context& c, const object& self, const arguments& args) {
  auto by = args.has(1) ? args[1] : object{value{"key"}};
  if (by.as_string() == nullptr || (*by.as_string() != "key" && *by.as_string() != "value"))
    return refuse("'by' must be 'key' or 'value'");
  if (self.as_undefined() != nullptr)
    return refuse_undefined(*self.as_undefined());
  if (!self.is_dict()) // an AttributeError in Python
    return refuse("a dict is needed, not " + std::string{kind_of(self)});
  auto items = item_pairs(c, self);
  if (!items)
    return failure(items.error());
  auto keys = keys_of(c, *items, object{value{*by.as_string() == "key" ? 0 : 1}}, args.has(0) && truthy(args[0]));
  if (!keys)
    return failure(keys.error());
  auto sorted = sort_by(c, *items, *keys, args.has(2) && truthy(args[2]));
  return sorted ? c.make_list(std::move(*sorted)) : result<object>{failure(sorted.error())};
}

} // namespace

const std::vector<builtin>& sequence_filters() {
  static const std::vector<builtin> all = {
    {"batch", {"linecount", "fill_with"}, 1, false, filter_batch},
    {"count", {}, 0, false, filter_length},
    {"dictsort", {"case_sensitive", "by", "reverse"}, 0, false, filter_dictsort},
    {"first", {}, 0, false, filter_first},
    {"groupby", {"attribute", "default", "case_sensitive"}, 1, false, filter_groupby},
    {"items", {}, 0, false, filter_items},
    {"join", {"d", "attribute"}, 0, false, filter_join},
    {"last", {}, 0, false, filter_last},
    {"length", {}, 0, false, filter_length},
    {"list", {}, 0, false, filter_list},
    {"map", {}, 0, true, filter_map, true},
    {"max", {"case_sensitive", "attribute"}, 0, false, filter_extreme<true>},
    {"min", {"case_sensitive", "attribute"}, 0, false, filter_extreme<false>},
    {"random", {}, 0, false, filter_random},
    {"reject", {}, 0, true, filter_select<false, false>, true},
    {"rejectattr", {}, 0, true, filter_select<false, true>, true},
    {"reverse", {}, 0, false, filter_reverse},
    {"select", {}, 0, true, filter_select<true, false>, true},
    {"selectattr", {}, 0, true, filter_select<true, true>, true},
    {"slice", {"slices", "fill_with"}, 1, false, filter_slice},
    {"sort", {"reverse", "case_sensitive", "attribute"}, 0, false, filter_sort},
    {"sum", {"attribute", "start"}, 0, false, filter_sum},
    {"unique", {"case_sensitive", "attribute"}, 0, false, filter_unique},
  };
  return all;
}

} // namespace sluice::language::detail
