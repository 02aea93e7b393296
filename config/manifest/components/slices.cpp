#include "config/manifest/components/slices.hpp"

#include "config/manifest/components/all.hpp"

#include <string_view>
#include <utility>

namespace sluice::compiling {

namespace {

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
    if (result.back().empty() || result.back().find_first_of("*?[") != std::string::npos)
      x.refuse(key, "must be the name of a field, or names with slashes between them, but is '" + text + "'");
    if (slash == std::string_view::npos)
      return result;
    rest.remove_prefix(slash + 1);
  }
}

} // namespace

std::vector<component_rule> slices_rules() {
  return rules_of<SubstreamPartitionRouter, ParentStreamConfig>();
}

std::optional<parent_link> compile_parent(context& x, const plan& p, const view<SimpleRetriever>& retriever,
                                          const std::function<place(const view<DeclarativeStream>&)>& add_stream) {
  auto router = retriever[&SimpleRetriever::partition_router].get();
  if (!router)
    return std::nullopt;
  auto configs = (*router)[&SubstreamPartitionRouter::parent_stream_configs].list();
  if (configs.size() != 1) {
    x.refuse((*router)[&SubstreamPartitionRouter::parent_stream_configs],
             "exactly one parent stream is supported, but there are " + std::to_string(configs.size()));
    return std::nullopt;
  }
  using fields = ParentStreamConfig;
  const auto& c = configs.front();
  parent_link result;
  result.parent = add_stream(*c[&fields::stream].get());
  if (x.failed())
    return std::nullopt;
  // Its earlier windows are not read again, so the children of their records would be missing.
  if (const auto& parent = p.endpoints[result.parent.endpoint]; parent.cursor && parent.slices.has_partitions())
    x.refuse(c[&fields::stream], "a stream that has both a partition_router and incremental_sync cannot be a "
                                 "parent of another stream");
  result.key = split_key(x, c[&fields::parent_key]);
  result.partition_field = x.fixed(c[&fields::partition_field]);
  if (result.partition_field.empty() || result.partition_field.find_first_of("'\\{}") != std::string::npos)
    x.refuse(c[&fields::partition_field], "must be a plain name, but is '" + result.partition_field + "'");
  if (c[&fields::incremental_dependency].value())
    result.incremental = c[&fields::incremental_dependency].path();
  result.option = compile_option(x, c[&fields::request_option].get());
  return result;
}

void lay_out_slices(plan& p, endpoint& e, const std::optional<parent_link>& link) {
  if (link) {
    auto& parent = p.endpoints[link->parent.endpoint];
    const auto index = static_cast<std::uint32_t>(p.edges.size());
    e.depth = parent.depth + 1;
    e.slices.factors.emplace_back(parent_records{{index}});
    parent.child_edges.push_back(index);
    p.edges.push_back(
      {parent.id, e.id, link->parent.output, link->key, link->partition_field, link->incremental.has_value()});
  }
  if (e.cursor)
    e.slices.factors.emplace_back(time_windows{});
}

} // namespace sluice::compiling
