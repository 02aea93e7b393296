#pragma once

// What a stream takes out of a page: record selector and transformations.

#include "config/manifest/components/decoders.hpp"
#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct DeclarativeStream;

struct AncestorField : component<AncestorField> {
  static constexpr std::string_view type = "RecordSelector.x-sluice.ancestor_fields";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  text name{this, "name", required};
  texts from{this, "from", required};
};

struct RecordSelectorExtension : component<RecordSelectorExtension> {
  static constexpr std::string_view type = "RecordSelector.x-sluice";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  boolean require_records{this, "require_records"};
  children<AncestorField> ancestor_fields{this, "ancestor_fields"};
};

struct ParentFieldPath : component<ParentFieldPath> {
  static constexpr std::string_view type = "ParentFieldPath";
  static constexpr std::string_view added = "next";
  texts parent_path{this, "parent_path", required};
  texts record_path{this, "record_path", required};
};

struct RecordExpander : component<RecordExpander> {
  static constexpr std::string_view type = "RecordExpander";
  static constexpr std::string_view added = "next";
  texts expand_records_from_field{this, "expand_records_from_field", required};
  boolean remain_original_record{this, "remain_original_record"};
  children<ParentFieldPath> parent_fields{this, "parent_fields"};
  boolean merge_parent{this, "merge_parent"};
  choice<bool> on_no_records{this, "on_no_records", {{"skip", false}, {"emit_parent", true}}};
  texts truncation_indicator_path{this, "truncation_indicator_path"};
  unsupported truncated_list_retriever{this, "truncated_list_retriever"};
};

struct DpathExtractor : component<DpathExtractor> {
  static constexpr std::string_view type = "DpathExtractor";
  texts field_path{this, "field_path", required};
  child<RecordExpander> record_expander{this, "record_expander", since("next")};
  field<DpathExtractor, any_decoder> decoder{this, "decoder"};
};

struct RecordFilter : component<RecordFilter> {
  static constexpr std::string_view type = "RecordFilter";
  text condition{this, "condition"};
};

struct RecordSelector : component<RecordSelector> {
  static constexpr std::string_view type = "RecordSelector";
  child<DpathExtractor> extractor{this, "extractor", required};
  child<RecordFilter> record_filter{this, "record_filter"};
  choice<bool> schema_normalization{this, "schema_normalization", {{"None", false}, {"Default", true}}};
  boolean transform_before_filtering{this, "transform_before_filtering"};
  child<RecordSelectorExtension> x_sluice{this, "x-sluice"};
};

struct AddedFieldDefinition : component<AddedFieldDefinition> {
  static constexpr std::string_view type = "AddedFieldDefinition";
  texts path{this, "path", required};
  text value{this, "value", required};
  choice<value_kind> value_type{this,
                                "value_type",
                                {{"string", value_kind::string},
                                 {"number", value_kind::number},
                                 {"integer", value_kind::integer},
                                 {"boolean", value_kind::boolean}}};
};

struct AddFields : component<AddFields> {
  static constexpr std::string_view type = "AddFields";
  children<AddedFieldDefinition> fields{this, "fields", required};
  text condition{this, "condition"};
};

struct RemoveFields : component<RemoveFields> {
  static constexpr std::string_view type = "RemoveFields";
  text_grid field_pointers{this, "field_pointers", required};
  text condition{this, "condition"};
};

struct KeysToLower : component<KeysToLower> {
  static constexpr std::string_view type = "KeysToLower";
  static constexpr std::string_view added = "next";
};

struct KeysToSnakeCase : component<KeysToSnakeCase> {
  static constexpr std::string_view type = "KeysToSnakeCase";
  static constexpr std::string_view added = "next";
};

struct KeysReplace : component<KeysReplace> {
  static constexpr std::string_view type = "KeysReplace";
  static constexpr std::string_view added = "next";
  text old{this, "old", required};
  text replacement{this, "new", required};
};

struct FlattenFields : component<FlattenFields> {
  static constexpr std::string_view type = "FlattenFields";
  static constexpr std::string_view added = "next";
  boolean flatten_lists{this, "flatten_lists"};
};

struct KeyTransformation : component<KeyTransformation> {
  static constexpr std::string_view type = "KeyTransformation";
  static constexpr std::string_view added = "next";
  text prefix{this, "prefix"};
  text suffix{this, "suffix"};
};

struct DpathFlattenFields : component<DpathFlattenFields> {
  static constexpr std::string_view type = "DpathFlattenFields";
  static constexpr std::string_view added = "next";
  texts field_path{this, "field_path", required};
  boolean delete_origin_value{this, "delete_origin_value"};
  boolean replace_record{this, "replace_record"};
  child<KeyTransformation> key_transformation{this, "key_transformation"};
};

/// What a stream's list of transformations holds.
using any_transformations
  = children_ref<AddFields, RemoveFields, KeysToLower, KeysToSnakeCase, KeysReplace, FlattenFields, DpathFlattenFields>;

std::vector<component_rule> records_rules();

output compile_output(context& x, const view<DeclarativeStream>& stream);
/// See `endpoint::rows_output`; all outputs must be there.
std::optional<std::uint32_t> rows_output_of(const endpoint& e);

} // namespace sluice::compiling
