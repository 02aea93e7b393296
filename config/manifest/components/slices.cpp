#include "config/manifest/components/slices.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice::compiling {

namespace {

bool has_glob(std::string_view segment) {
  return segment.find_first_of("*?[") != std::string_view::npos;
}

/// The reference takes the key as a path with slashes.
std::vector<std::string> split_key(context& x, const text_ref& key) {
  std::vector<std::string> result;
  std::string text = x.fixed(key);
  if (!text.empty() && text.front() == '/')
    text.erase(0, 1);
  std::string_view rest = text;
  while (true) {
    auto slash = rest.find('/');
    result.emplace_back(rest.substr(0, slash));
    if (result.back().empty() || has_glob(result.back()))
      x.refuse(key, "must be the name of a field, or names with slashes between them, but is '" + text + "'");
    if (slash == std::string_view::npos)
      return result;
    rest.remove_prefix(slash + 1);
  }
}

std::vector<std::vector<std::string>> compile_extra_fields(context& x, const text_grid_ref& field) {
  std::vector<std::vector<std::string>> result;
  for (const auto& sources : field.rows()) {
    auto& path = result.emplace_back();
    for (const auto& source : sources) {
      path.push_back(x.fixed_text(field, source));
      if (path.back().empty() || has_glob(path.back()))
        x.refuse(field, "must be lists of names of fields, but has '" + path.back() + "'");
    }
    if (path.empty())
      x.refuse(field, "a path is empty");
  }
  return result;
}

std::optional<std::vector<std::string>> compile_pointer(context& x, const texts_ref& field) {
  std::vector<std::string> result;
  for (const auto& source : field.list()) {
    result.push_back(x.fixed_text(field, source));
    if (result.back().empty() || has_glob(result.back()))
      x.refuse(field, "must be names of fields, but has '" + result.back() + "'");
  }
  return result.empty() ? std::nullopt : std::optional{std::move(result)};
}

/// What a partition calls its value.
std::string compile_field(context& x, const text_ref& field) {
  auto name = x.fixed(field);
  if (name.empty() || name.find_first_of("'\\{}") != std::string::npos)
    x.refuse(field, "must be a plain name, but is '" + name + "'");
  return name;
}

std::vector<std::string> compile_values(context& x, const text_or_texts_ref& field) {
  std::vector<std::string> result;
  // What stands in a list is no template, as in the reference.
  for (const auto& text : field.list())
    result.push_back(language::to_json(value{text}));
  if (field.is_list())
    return result;
  const auto values = x.fixed_value(field);
  if (!values)
    return result;
  const auto* text = values->as_string();
  if (const auto* list = values->as_list())
    for (const auto& element : *list)
      result.push_back(language::to_json(element));
  else if (text == nullptr || !text->empty())
    x.refuse_stream(field, "must become a list, but becomes something else; give a list of values, be it of one");
  return result;
}

/// Compiles the routers of one stream.
class router_compiler {
public:
  router_compiler(context& x, const parent_adder& add_parent) : x_(x), add_parent_(add_parent) {}

  stream_router run(const view<SimpleRetriever>& retriever) {
    const auto routers = retriever[&SimpleRetriever::partition_router];
    result_.slices.is_product = routers.is_list();
    for (const auto& router : routers.list()) {
      const auto known = result_.fields;
      result_.fields.clear();
      result_.slices.factors.push_back(std::visit([this](const auto& c) { return top_factor(c); }, router));
      for (const auto& field : known)
        if (std::find(result_.fields.begin(), result_.fields.end(), field) != result_.fields.end())
          x_.refuse(routers, "two of the routers make the field '" + field + "'");
      result_.fields.insert(result_.fields.begin(), known.begin(), known.end());
    }
    return std::move(result_);
  }

private:
  template <class Router>
  slice_factor top_factor(const view<Router>& c) {
    return factor(c);
  }

  /// Parents whose keys are known need not be read.
  slice_factor top_factor(const view<SubstreamPartitionRouter>& c) {
    const auto extension = c[&SubstreamPartitionRouter::x_sluice].get();
    if (!extension)
      return factor(c);
    auto keys = compile_values(x_, (*extension)[&SubstreamPartitionRouterExtension::known_keys]);
    if (keys.empty())
      return read_parents(c);
    const auto configs = c[&SubstreamPartitionRouter::parent_stream_configs];
    if (configs.list().size() != 1)
      x_.refuse(configs, "must be one parent stream, where the keys are known (x-sluice.known_keys)");
    if (x_.failed())
      return list_values{};
    const auto config = configs.list().front();
    list_values result{compile_field(x_, config[&ParentStreamConfig::partition_field]), std::move(keys), true};
    add_field(result.field);
    inject(config[&ParentStreamConfig::request_option], result.field);
    return result;
  }

  parent_records factor(const view<SubstreamPartitionRouter>& c) {
    const auto extension = c[&SubstreamPartitionRouter::x_sluice];
    if (extension.get())
      x_.refuse(extension, "is possible on a stream's own router only, not below another one");
    return read_parents(c);
  }

  parent_records read_parents(const view<SubstreamPartitionRouter>& c) {
    parent_records result;
    const auto configs = c[&SubstreamPartitionRouter::parent_stream_configs];
    for (const auto& config : configs.list()) {
      result.edges.push_back(static_cast<std::uint32_t>(result_.links.size()));
      result_.links.push_back(link(config));
    }
    if (result.edges.empty())
      x_.refuse(configs, "needs at least one parent stream");
    return result;
  }

  list_values factor(const view<ListPartitionRouter>& c) {
    list_values result{compile_field(x_, c[&ListPartitionRouter::cursor_field]),
                       compile_values(x_, c[&ListPartitionRouter::values])};
    add_field(result.field);
    inject(c[&ListPartitionRouter::request_option], result.field);
    return result;
  }

  united_partitions factor(const view<UnionPartitionRouter>& c) {
    using fields = UnionPartitionRouter;
    const auto outer = std::exchange(not_injected_, "below a UnionPartitionRouter");
    united_partitions result{compile_field(x_, c[&fields::partition_field]), {}};
    const auto routers = c[&fields::partition_routers];
    for (const auto& router : routers.list())
      std::visit([&](const auto& of) { unite(result, factor(of)); }, router);
    not_injected_ = outer;
    if (routers.list().size() < 2)
      x_.refuse(routers, "needs at least two routers");
    for (const auto& field : result_.fields)
      if (field != result.field)
        x_.refuse(routers, "all partitions must have the field '" + result.field + "', but some have '" + field + "'");
    return result;
  }

  partition_groups factor(const view<GroupingPartitionRouter>& c) {
    using fields = GroupingPartitionRouter;
    const auto outer = std::exchange(not_injected_, "below a GroupingPartitionRouter");
    partition_groups result;
    const auto size = x_.fixed_integer(c[&fields::group_size], 1, 1'000'000);
    result.size = static_cast<std::size_t>(size.value_or(1));
    const auto once = c[&fields::deduplicate];
    result.once = !once.has() || once.value();
    const auto router = c[&fields::underlying_partition_router];
    std::visit([&](const auto& of) { result.of = factor(of); }, router.get().value());
    not_injected_ = outer;
    if (result_.fields.size() > 1)
      x_.refuse(router, "partitions of a group must have the same field, but have '" + result_.fields[0] + "' and '"
                          + result_.fields[1] + "'");
    return result;
  }

  static void unite(united_partitions& to, parent_records of) { to.of.emplace_back(std::move(of)); }
  static void unite(united_partitions& to, list_values of) { to.of.emplace_back(std::move(of)); }
  static void unite(united_partitions& to, united_partitions of) {
    std::move(of.of.begin(), of.of.end(), std::back_inserter(to.of));
  }

  parent_link link(const view<ParentStreamConfig>& c) {
    using fields = ParentStreamConfig;
    parent_link result;
    // As in the reference, states of a product hold nothing of parents.
    result.incremental = c[&fields::incremental_dependency].value() && !result_.slices.is_product;
    // A stream below a parent that cannot be compiled says nothing new.
    const auto parent = add_parent_(c, result.incremental);
    if (x_.failed())
      return result;
    result.parent = parent.at;
    result.begins_anew = parent.begins_anew;
    result.key = split_key(x_, c[&fields::parent_key]);
    result.partition_field = compile_field(x_, c[&fields::partition_field]);
    result.extra_fields = compile_extra_fields(x_, c[&fields::extra_fields]);
    // As in the reference, it means nothing where other routers are around.
    if (!result_.slices.is_product && not_injected_.empty())
      result.first_page = compile_pointer(x_, c[&fields::lazy_read_pointer]);
    add_field(result.partition_field);
    inject(c[&fields::request_option], result.partition_field);
    return result;
  }

  void add_field(const std::string& field) {
    if (std::find(result_.fields.begin(), result_.fields.end(), field) == result_.fields.end())
      result_.fields.push_back(field);
  }

  void inject(const child_ref<RequestOption>& field, const std::string& partition_field) {
    auto option = compile_option(x_, field.get());
    if (!option)
      return;
    if (!not_injected_.empty())
      x_.refuse(field, "is not possible " + std::string{not_injected_}
                         + "; let the requester's templates read stream_partition['" + partition_field + "']");
    // Several parents may give the same field to the same place.
    const auto same = [&](const auto& x) { return x.option == *option && x.field == partition_field; };
    if (std::none_of(result_.options.begin(), result_.options.end(), same))
      result_.options.push_back({std::move(*option), partition_field});
  }

  context& x_;
  const parent_adder& add_parent_;
  stream_router result_;
  /// Where the router at hand stands, if its partitions cannot be put into requests one by one.
  std::string_view not_injected_;
};

/// The edges of `x` begin at `first`.
void shift(parent_records& x, std::uint32_t first) {
  for (auto& edge : x.edges)
    edge += first;
}
void shift(list_values&, std::uint32_t) { /* nop: it has none */
}
void shift(time_windows&, std::uint32_t) { /* nop: they have none */
}
void shift(united_partitions& x, std::uint32_t first) {
  for (auto& origin : x.of)
    std::visit([first](auto& y) { shift(y, first); }, origin);
}
void shift(partition_groups& x, std::uint32_t first) {
  std::visit([first](auto& y) { shift(y, first); }, x.of);
}

} // namespace

std::vector<component_rule> slices_rules() {
  return rules_of<SubstreamPartitionRouter, SubstreamPartitionRouterExtension, ParentStreamConfig, ListPartitionRouter,
                  GroupingPartitionRouter, UnionPartitionRouter>();
}

stream_router compile_router(context& x, const view<SimpleRetriever>& retriever, const parent_adder& add_parent) {
  return router_compiler{x, add_parent}.run(retriever);
}

void check_cursor(context& x, const field_ref& cursor, const stream_router& router, const endpoint& e) {
  if (!e.cursor)
    return;
  if (e.cursor->counts && !router.slices.factors.empty())
    x.refuse(cursor, "an IncrementingCountCursor cannot stand beside a partition_router, as in the reference");
  const bool has_first_pages = std::any_of(router.links.begin(), router.links.end(),
                                           [](const auto& link) { return link.first_page.has_value(); });
  if (has_first_pages && e.cursor->step)
    x.refuse(cursor, "with a lazy_read_pointer each parent has one slice, so that a step is not possible");
}

void lay_out_slices(plan& p, endpoint& e, const stream_router& router) {
  const auto first = static_cast<std::uint32_t>(p.edges.size());
  e.slices = router.slices;
  for (auto& factor : e.slices.factors)
    std::visit([first](auto& x) { shift(x, first); }, factor);
  for (const auto& link : router.links) {
    auto& parent = p.endpoints[link.parent.endpoint];
    e.depth = std::max(e.depth, parent.depth + 1);
    parent.child_edges.push_back(static_cast<std::uint32_t>(p.edges.size()));
    // What the parents' state was is kept in the stream's own: without a cursor it has none.
    p.edges.push_back({parent.id, e.id, link.parent.output, link.key, link.partition_field,
                       link.incremental && e.cursor.has_value(), link.extra_fields, link.first_page, link.begins_anew});
  }
  if (e.cursor)
    e.slices.factors.emplace_back(time_windows{});
}

} // namespace sluice::compiling
