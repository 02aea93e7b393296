// What a stream's slices are made of: the records of its parent.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

#include <string_view>
#include <utility>

namespace sluice::compiling {

namespace {

/// The reference takes the key as a path with slashes.
std::vector<std::string> split_key(context& x, const component_view& c) {
  std::vector<std::string> result;
  std::string text = x.fixed(c, "parent_key");
  if (!text.empty() && text.front() == '/')
    text.erase(0, 1);
  std::string_view rest = text;
  while (true) {
    auto slash = rest.find('/');
    result.emplace_back(rest.substr(0, slash));
    if (result.back().empty() || result.back().find_first_of("*?[") != std::string::npos)
      x.refuse(c.path("parent_key"),
               "must be the name of a field, or names with slashes between them, but is '" + text + "'");
    if (slash == std::string_view::npos)
      return result;
    rest.remove_prefix(slash + 1);
  }
}

} // namespace

std::vector<component_rule> slices_rows() {
  using k = field_kind;
  return {
    {"SubstreamPartitionRouter", {{"parent_stream_configs", k::components, "=ParentStreamConfig", required}}},
    {"ParentStreamConfig",
     {{"stream", k::component, "=DeclarativeStream", required},
      {"parent_key", k::text, {}, required},
      {"partition_field", k::text, {}, required},
      {"request_option", k::component, "=RequestOption"},
      {"incremental_dependency", k::boolean},
      {"extra_fields", k::unsupported},
      {"lazy_read_pointer", k::unsupported}}},
  };
}

std::optional<parent_link> compile_parent(context& x, const plan& p, const component_view& retriever,
                                          const std::function<place(const component_view&)>& add_stream) {
  auto router = retriever.child("partition_router");
  if (!router)
    return std::nullopt;
  auto configs = router->children("parent_stream_configs");
  if (configs.size() != 1) {
    x.refuse(router->path("parent_stream_configs"),
             "exactly one parent stream is supported, but there are " + std::to_string(configs.size()));
    return std::nullopt;
  }
  const auto& c = configs.front();
  parent_link result;
  result.parent = add_stream(*c.child("stream"));
  if (x.failed())
    return std::nullopt;
  // Its earlier windows are not read again, so the children of their records would be missing.
  if (const auto& parent = p.endpoints[result.parent.endpoint]; parent.cursor && parent.parent_edge)
    x.refuse(c.path("stream"), "a stream that has both a partition_router and incremental_sync cannot be a "
                               "parent of another stream");
  result.key = split_key(x, c);
  result.partition_field = x.fixed(c, "partition_field");
  if (result.partition_field.empty() || result.partition_field.find_first_of("'\\{}") != std::string::npos)
    x.refuse(c.path("partition_field"), "must be a plain name, but is '" + result.partition_field + "'");
  if (c.boolean("incremental_dependency"))
    result.incremental = c.path("incremental_dependency");
  if (auto option = compile_option(x, c, "request_option"); option && !x.failed()) {
    // As in the reference, what Python calls false is not sent.
    const auto value = "stream_partition['" + result.partition_field + "']";
    named_template injected{
      option->name,
      x.dynamic(c, "{{ " + value + " if " + value + " else '' }}", c.path("request_option"), {"stream_partition"}),
      true};
    (option->into == inject_into::header ? result.header : result.parameter) = std::move(injected);
  }
  return result;
}

void connect(plan& p, endpoint& e, const parent_link& link) {
  auto& parent = p.endpoints[link.parent.endpoint];
  const auto index = static_cast<std::uint32_t>(p.edges.size());
  e.depth = parent.depth + 1;
  e.parent_edge = index;
  parent.child_edges.push_back(index);
  p.edges.push_back(
    {parent.id, e.id, link.parent.output, link.key, link.partition_field, link.incremental.has_value()});
}

} // namespace sluice::compiling
