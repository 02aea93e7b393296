#include "config/manifest/components/records.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <variant>

namespace sluice::compiling {

namespace {

bool is_star(const std::string& segment) {
  return segment == "*";
}

/// What templates of transformations see.
const std::vector<std::string>& transformation_variables() {
  static const std::vector<std::string> names{"record", "stream_slice", "stream_partition", "stream_interval"};
  return names;
}

/// A path whose segments may be templates.
std::vector<std::string> compile_path(context& x, const texts_ref& field, bool any_depth = false) {
  std::vector<std::string> result;
  for (const auto& source : field.list())
    result.push_back(x.fixed_text(field, source));
  return checked_path(x, field, std::move(result), any_depth);
}

/// A path that leads to one place, of a record or in it.
std::vector<std::string> compile_plain_path(context& x, const texts_ref& field) {
  auto result = compile_path(x, field);
  if (result.empty())
    x.refuse(field, "must not be empty");
  if (std::any_of(result.begin(), result.end(),
                  [](const auto& segment) { return segment.find_first_of("*?[") != std::string::npos; }))
    x.refuse(field, "must lead to one field, without `*`, `?` and `[`");
  return result;
}

record_expansion compile_expansion(context& x, const view<RecordExpander>& c) {
  using fields = RecordExpander;
  record_expansion result;
  result.path = compile_path(x, c[&fields::expand_records_from_field], true);
  result.merges_parent = c[&fields::merge_parent].value();
  for (const auto& field : c[&fields::parent_fields].list())
    result.parent_fields.push_back({compile_plain_path(x, field[&ParentFieldPath::parent_path]),
                                    compile_plain_path(x, field[&ParentFieldPath::record_path])});
  result.embeds_parent = c[&fields::remain_original_record].value();
  result.keeps_childless = c[&fields::on_no_records].chosen.value_or(false);
  if (const auto mark = c[&fields::truncation_indicator_path]; !mark.list().empty())
    result.truncation_mark = compile_plain_path(x, mark);
  return result;
}

ancestor_field compile_ancestor(context& x, const view<AncestorField>& c, const std::vector<std::string>& record_path) {
  auto from = c[&AncestorField::from];
  ancestor_field result{c[&AncestorField::name].text(), compile_path(x, from)};
  auto [own, record] = std::mismatch(result.from.begin(), result.from.end(), record_path.begin(), record_path.end());
  bool below_shared
    = own != result.from.begin() && own != result.from.end() && std::none_of(own, result.from.end(), is_star);
  if (result.name.empty() || !below_shared)
    x.refuse(from, "an ancestor field needs a name, and a path that shares its leading segments with field_path"
                   " and then leads to one field");
  return result;
}

void compile_transformation(context& x, const view<RemoveFields>& c, std::vector<record_step>& result) {
  const auto pointers = c[&RemoveFields::field_pointers];
  std::size_t count = 0;
  for (const auto& pointer : pointers.rows()) {
    remove_field step{checked_path(x, pointers, pointer, true)};
    if (step.path.empty())
      x.refuse(pointers, "an empty path would remove the whole record");
    result.emplace_back(std::move(step));
    ++count;
  }
  const auto condition = c[&RemoveFields::condition];
  auto predicate = x.dynamic_condition(condition, {"property"});
  if (!predicate)
    return;
  result.resize(result.size() - count);
  if (count > 0)
    result.emplace_back(remove_values{std::move(*predicate), count});
}

void compile_transformation(context& x, const view<AddFields>& c, std::vector<record_step>& result) {
  using fields = AddedFieldDefinition;
  auto variables = transformation_variables();
  variables.insert(variables.end(), {"value", "path"});
  const auto when = x.dynamic_condition(c[&AddFields::condition], variables);
  for (const auto& field : c[&AddFields::fields].list()) {
    const auto path = field[&fields::path];
    add_field step;
    step.path = path.list();
    if (step.path.empty())
      x.refuse(path, "must not be empty");
    for (const auto& segment : step.path)
      if (is_far_position(segment))
        x.refuse(path, "the position " + segment + " in a list is not supported; at most 1000 is");
    step.value = x.dynamic(field[&fields::value], transformation_variables());
    step.kind = field[&fields::value_type].chosen.value_or(value_kind::any);
    step.when = when;
    result.emplace_back(std::move(step));
  }
}

void compile_transformation(context&, const view<KeysToLower>&, std::vector<record_step>& result) {
  result.emplace_back(keys_to_lower{});
}

void compile_transformation(context&, const view<KeysToSnakeCase>&, std::vector<record_step>& result) {
  result.emplace_back(keys_to_snake_case{});
}

void compile_transformation(context& x, const view<KeysReplace>& c, std::vector<record_step>& result) {
  result.emplace_back(replace_in_keys{x.dynamic(c[&KeysReplace::old], transformation_variables()),
                                      x.dynamic(c[&KeysReplace::replacement], transformation_variables())});
}

void compile_transformation(context&, const view<FlattenFields>& c, std::vector<record_step>& result) {
  const auto lists = c[&FlattenFields::flatten_lists];
  result.emplace_back(flatten_record{!lists.has() || lists.value()});
}

void compile_transformation(context& x, const view<DpathFlattenFields>& c, std::vector<record_step>& result) {
  using fields = DpathFlattenFields;
  flatten_object step{compile_path(x, c[&fields::field_path], true)};
  if (step.path.empty())
    x.refuse(c[&fields::field_path], "must not be empty");
  step.removes_origin = c[&fields::delete_origin_value].value();
  step.replaces_record = c[&fields::replace_record].value();
  if (auto keys = c[&fields::key_transformation].get()) {
    step.prefix = x.fixed((*keys)[&KeyTransformation::prefix]);
    step.suffix = x.fixed((*keys)[&KeyTransformation::suffix]);
  }
  result.emplace_back(std::move(step));
}

record_filter compile_filter(context& x, const view<RecordFilter>& c) {
  auto variables = transformation_variables();
  variables.emplace_back("next_page_token");
  return {x.dynamic_condition(c[&RecordFilter::condition], variables)};
}

/// The stream's cursor says `is_client_side_incremental`.
bool leaves_out_known(const view<DeclarativeStream>& stream) {
  const auto cursor = stream[&DeclarativeStream::incremental_sync].get();
  const auto* c = cursor ? std::get_if<view<DatetimeBasedCursor>>(&*cursor) : nullptr;
  return c != nullptr && (*c)[&DatetimeBasedCursor::is_client_side_incremental].value();
}

/// What drops records: by what is known, and by what the manifest says. A data feed drops what is known later, behind
/// the paginator.
std::vector<record_step> compile_filters(context& x, const view<DeclarativeStream>& stream,
                                         const view<RecordSelector>& selector) {
  std::vector<record_step> result;
  const auto cursor = stream[&DeclarativeStream::incremental_sync].get();
  const auto* c = cursor ? std::get_if<view<DatetimeBasedCursor>>(&*cursor) : nullptr;
  if (leaves_out_known(stream) && !(*c)[&DatetimeBasedCursor::is_data_feed].value())
    result.emplace_back(drop_known{});
  auto filter = selector[&RecordSelector::record_filter].get();
  // Beside the other filter one without a condition keeps all records, as in the reference.
  if (filter && (result.empty() || !(*filter)[&RecordFilter::condition].text().empty()))
    result.emplace_back(compile_filter(x, *filter));
  return result;
}

/// The last of all steps.
void compile_casts_of(context& x, const field_ref& asked_by, const std::string& stream,
                      std::vector<record_step>& steps) {
  const auto* definition = x.source().find_stream(stream);
  if (definition == nullptr)
    return;
  if (!definition->schema_gaps.empty())
    x.refuse(asked_by, "the stream's schema is not known");
  auto schema = language::parse_json(definition->json_schema);
  if (!schema)
    x.refuse(asked_by, "the stream's schema cannot be read: " + schema.error().message);
  else if (auto rule = compile_casts(x, asked_by, *schema))
    steps.emplace_back(cast_types{std::move(rule)});
}

} // namespace

std::vector<component_rule> records_rules() {
  return rules_of<RecordSelector, DpathExtractor, RecordExpander, ParentFieldPath, RecordFilter, AddFields,
                  AddedFieldDefinition, RemoveFields, KeysToLower, KeysToSnakeCase, KeysReplace, FlattenFields,
                  DpathFlattenFields, KeyTransformation, RecordSelectorExtension, AncestorField>();
}

output compile_output(context& x, const view<DeclarativeStream>& stream) {
  output result;
  result.stream_name = stream[&DeclarativeStream::name].text();
  result.emit = false;
  result.primary_key = stream[&DeclarativeStream::primary_key].rows();
  auto retriever = *stream[&DeclarativeStream::retriever].get();
  auto selector = *retriever[&SimpleRetriever::record_selector].get();
  auto extractor = *selector[&RecordSelector::extractor].get();
  result.record_path = compile_path(x, extractor[&DpathExtractor::field_path]);
  // Without a path a record stays what it is.
  if (auto expander = extractor[&DpathExtractor::record_expander].get())
    if (auto expansion = compile_expansion(x, *expander); !expansion.path.empty())
      result.expansion = std::move(expansion);
  if (auto extension = selector[&RecordSelector::x_sluice].get()) {
    result.require_records = (*extension)[&RecordSelectorExtension::require_records].value();
    for (const auto& field : (*extension)[&RecordSelectorExtension::ancestor_fields].list())
      result.ancestors.push_back(compile_ancestor(x, field, result.record_path));
  }
  for (const auto& transformation : stream[&DeclarativeStream::transformations].list())
    std::visit([&](const auto& t) { compile_transformation(x, t, result.steps); }, transformation);
  const auto filters = compile_filters(x, stream, selector);
  // A stream that leaves out what it knows filters last, unless it says otherwise, as in the reference.
  const auto order = selector[&RecordSelector::transform_before_filtering];
  const bool at_last = order.has() ? order.value() : leaves_out_known(stream);
  result.steps.insert(at_last ? result.steps.end() : result.steps.begin(), filters.begin(), filters.end());
  if (const auto asked = selector[&RecordSelector::schema_normalization]; asked.chosen.value_or(false))
    compile_casts_of(x, asked, result.stream_name, result.steps);
  return result;
}

std::optional<std::uint32_t> rows_output_of(const endpoint& e) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
    const auto& path = e.outputs[i].record_path;
    // Behind a `*` come parts of rows.
    auto star = std::find(path.begin(), path.end(), "*");
    bool is_inside = (star != path.end() && star + 1 != path.end()) || e.outputs[i].expansion.has_value();
    if (!is_inside && (!best || path.size() < e.outputs[*best].record_path.size()))
      best = i;
  }
  // Without a total the rows are compared with nothing: what the first stream selects is as good as any.
  if (!best && e.pages.total.source().empty())
    best = 0;
  return best;
}

} // namespace sluice::compiling
