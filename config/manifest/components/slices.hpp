#pragma once

// What a stream's slices are made of: the records of its parent.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

#include <functional>

namespace sluice::compiling {

struct DeclarativeStream;
struct RequestOption;
struct SimpleRetriever;

struct ParentStreamConfig : component<ParentStreamConfig> {
  static constexpr std::string_view type = "ParentStreamConfig";
  child<DeclarativeStream> stream{this, "stream", required};
  text parent_key{this, "parent_key", required};
  text partition_field{this, "partition_field", required};
  child<RequestOption> request_option{this, "request_option"};
  boolean incremental_dependency{this, "incremental_dependency"};
  unsupported extra_fields{this, "extra_fields"};
  unsupported lazy_read_pointer{this, "lazy_read_pointer"};
};

struct SubstreamPartitionRouter : component<SubstreamPartitionRouter> {
  static constexpr std::string_view type = "SubstreamPartitionRouter";
  children<ParentStreamConfig> parent_stream_configs{this, "parent_stream_configs", required};
};

std::vector<component_rule> slices_rules();

/// An output of an endpoint of the plan.
struct place {
  endpoint_id endpoint = 0;
  std::uint32_t output = 0;
};

/// How a stream hangs below its parent.
struct parent_link {
  place parent;
  std::vector<std::string> key;
  std::string partition_field;
  /// Where the manifest says that only changed parents are needed.
  std::optional<std::string> incremental;
  /// Where requests say which partition they are for.
  std::optional<request_option> option;
};

/// How a stream hangs below its parent: none for a stream without partition_router. `add_stream` compiles the parent
/// into `p` if it is not there yet.
std::optional<parent_link> compile_parent(context& x, const plan& p, const view<SimpleRetriever>& retriever,
                                          const std::function<place(const view<DeclarativeStream>&)>& add_stream);
/// Gives `e`, which becomes the plan's next endpoint, its slice space, and the plan the edges that feed it.
void lay_out_slices(plan& p, endpoint& e, const std::optional<parent_link>& link);

} // namespace sluice::compiling
