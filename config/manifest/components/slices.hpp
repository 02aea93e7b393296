#pragma once

// What a stream's slices are made of besides time: records of parents, lists, and what routers make of those.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

#include <functional>

namespace sluice::compiling {

struct DeclarativeStream;
struct RequestOption;
struct SimpleRetriever;
struct StateDelegatingStream;

struct ParentStreamConfig : component<ParentStreamConfig> {
  static constexpr std::string_view type = "ParentStreamConfig";
  field<ParentStreamConfig, child_ref<DeclarativeStream, StateDelegatingStream>> stream{this, "stream",
                                                                                        required | first_is_usual};
  text parent_key{this, "parent_key", required};
  text partition_field{this, "partition_field", required};
  child<RequestOption> request_option{this, "request_option"};
  boolean incremental_dependency{this, "incremental_dependency"};
  text_grid extra_fields{this, "extra_fields", since("next")};
  texts lazy_read_pointer{this, "lazy_read_pointer", since("next")};
};

struct SubstreamPartitionRouterExtension : component<SubstreamPartitionRouterExtension> {
  static constexpr std::string_view type = "SubstreamPartitionRouter.x-sluice";
  static constexpr std::string_view added = "next";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  /// The keys of the only parents that count; the parents are not read for them. Empty: all parents, as they are read.
  text_or_texts known_keys{this, "known_keys", required};
};

struct SubstreamPartitionRouter : component<SubstreamPartitionRouter> {
  static constexpr std::string_view type = "SubstreamPartitionRouter";
  children<ParentStreamConfig> parent_stream_configs{this, "parent_stream_configs", required};
  child<SubstreamPartitionRouterExtension> x_sluice{this, "x-sluice"};
};

struct ListPartitionRouter : component<ListPartitionRouter> {
  static constexpr std::string_view type = "ListPartitionRouter";
  static constexpr std::string_view added = "next";
  text_or_texts values{this, "values", required};
  text cursor_field{this, "cursor_field", required};
  child<RequestOption> request_option{this, "request_option"};
};

struct UnionPartitionRouter : component<UnionPartitionRouter> {
  static constexpr std::string_view type = "UnionPartitionRouter";
  static constexpr std::string_view added = "next";
  text partition_field{this, "partition_field", required};
  children<ListPartitionRouter, SubstreamPartitionRouter, UnionPartitionRouter> partition_routers{
    this, "partition_routers", required};
};

struct GroupingPartitionRouter : component<GroupingPartitionRouter> {
  static constexpr std::string_view type = "GroupingPartitionRouter";
  static constexpr std::string_view added = "next";
  text group_size{this, "group_size", required};
  child<ListPartitionRouter, SubstreamPartitionRouter, UnionPartitionRouter> underlying_partition_router{
    this, "underlying_partition_router", required};
  boolean deduplicate{this, "deduplicate"};
};

std::vector<component_rule> slices_rules();

/// An output of an endpoint of the plan.
struct place {
  endpoint_id endpoint = 0;
  std::uint32_t output = 0;
};

/// How a stream hangs below one of its parents.
struct parent_link {
  place parent;
  std::vector<std::string> key;
  std::string partition_field;
  std::vector<std::vector<std::string>> extra_fields;
  std::optional<std::vector<std::string>> first_page;
  /// Only changed parents are needed.
  bool incremental = false;
  /// See `edge`.
  bool begins_anew = false;
};

/// A stream's routers.
struct stream_router {
  std::vector<parent_link> links;
  /// Edges are indices into `links`; they become the plan's when the endpoint gets its place there.
  slice_space slices;
  /// What partitions put into requests.
  std::vector<partition_option> options;
  /// Names of the partitions' fields.
  std::vector<std::string> fields;
};

/// A parent of a stream, compiled.
struct parent_place {
  place at;
  /// See `edge::parents_begin_anew`.
  bool begins_anew = false;
};

/// Compiles a parent if it is not there yet; `is_incremental`: it is read as far as the child's state needs it.
using parent_adder = std::function<parent_place(const view<ParentStreamConfig>&, bool is_incremental)>;

/// The routers of a stream.
stream_router compile_router(context& x, const view<SimpleRetriever>& retriever, const parent_adder& add_parent);
/// Refuses a cursor that does not go together with the stream's routers.
void check_cursor(context& x, const field_ref& cursor, const stream_router& router, const endpoint& e);
/// Gives `e`, which becomes the plan's next endpoint, its slice space, and the plan the edges that feed it.
void lay_out_slices(plan& p, endpoint& e, const stream_router& router);

} // namespace sluice::compiling
