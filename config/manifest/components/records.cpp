#include "config/manifest/components/records.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <variant>

namespace sluice::compiling {

namespace {

bool is_star(const std::string& segment) {
  return segment == "*";
}

/// A number that would make a long list of nulls in every record, should there be no such object.
bool is_far_position(const std::string& segment) {
  constexpr std::size_t digits = 4;
  auto number = segment.find_first_not_of('0');
  return segment.find_first_not_of("0123456789") == std::string::npos && number != std::string::npos
         && (segment.size() - number > digits
             || (segment.size() - number == digits && segment.substr(number) > "1000"));
}

/// Segments are keys; of the reference's globs only `*` alone is understood.
std::vector<std::string> compile_path(context& x, const field_ref& field, const std::vector<std::string>& sources,
                                      bool stars) {
  std::vector<std::string> result;
  for (const auto& source : sources) {
    auto segment = x.fixed_text(field, source);
    bool glob = segment.find_first_of("*?[") != std::string::npos;
    if (glob && !(stars && is_star(segment)))
      x.refuse(field, "the pattern '" + segment + "' is not supported" + (stars ? "; only '*' alone is" : ""));
    if (segment.empty())
      x.refuse(field, "a segment of the path is empty");
    result.push_back(std::move(segment));
  }
  return result;
}

ancestor_field compile_ancestor(context& x, const view<AncestorField>& c, const std::vector<std::string>& record_path) {
  auto from = c[&AncestorField::from];
  ancestor_field result{c[&AncestorField::name].text(), compile_path(x, from, from.list(), true)};
  auto [own, record] = std::mismatch(result.from.begin(), result.from.end(), record_path.begin(), record_path.end());
  bool below_shared
    = own != result.from.begin() && own != result.from.end() && std::none_of(own, result.from.end(), is_star);
  if (result.name.empty() || !below_shared)
    x.refuse(from, "an ancestor field needs a name, and a path that shares its leading segments with field_path"
                   " and then leads to one field");
  return result;
}

void compile_transformation(context& x, const view<RemoveFields>& c, const slice_fields&,
                            std::vector<record_step>& result) {
  auto pointers = c[&RemoveFields::field_pointers];
  for (const auto& pointer : pointers.rows()) {
    remove_field step{compile_path(x, pointers, pointer, false)};
    if (step.path.empty())
      x.refuse(pointers, "an empty path would remove the whole record");
    result.emplace_back(std::move(step));
  }
}

void compile_transformation(context& x, const view<AddFields>& c, const slice_fields& slices,
                            std::vector<record_step>& result) {
  using fields = AddedFieldDefinition;
  const std::vector<std::string> variables = {"record", "stream_slice", "stream_partition"};
  for (const auto& field : c[&AddFields::fields].list()) {
    add_field step;
    step.path = compile_path(x, field[&fields::path], field[&fields::path].list(), false);
    if (step.path.empty())
      x.refuse(field[&fields::path], "must not be empty");
    for (const auto& segment : step.path)
      if (is_far_position(segment))
        x.refuse(field[&fields::path], "the position " + segment + " in a list is not supported; at most 1000 is");
    step.value = x.dynamic(field[&fields::value], variables);
    step.as_string = field[&fields::value_type].chosen == "string";
    for (const auto& variable : {"stream_slice", "stream_partition"})
      for (const auto& reference : step.value.references(variable))
        if (!slices.has_partitions() || (reference.size() > 1 && !slices.has(reference[1])))
          x.refuse(field[&fields::value],
                   "the template reads '" + std::string{variable} + "', but "
                     + (!slices.has_partitions() ? std::string{"the stream has no partition_router"}
                                                 : "slices have only the field " + slices.listed()));
    result.emplace_back(std::move(step));
  }
}

record_filter compile_filter(context& x, const view<RecordFilter>& c) {
  return {x.dynamic_condition(c[&RecordFilter::condition],
                              {"config", "record", "stream_slice", "stream_partition", "stream_interval"})};
}

} // namespace

std::vector<component_rule> records_rules() {
  return rules_of<RecordSelector, DpathExtractor, RecordFilter, AddFields, AddedFieldDefinition, RemoveFields,
                  RecordSelectorExtension, AncestorField>();
}

output compile_output(context& x, const view<DeclarativeStream>& stream, const slice_fields& slices) {
  output result;
  result.stream_name = stream[&DeclarativeStream::name].text();
  result.emit = false;
  result.primary_key = stream[&DeclarativeStream::primary_key].rows();
  auto retriever = *stream[&DeclarativeStream::retriever].get();
  auto selector = *retriever[&SimpleRetriever::record_selector].get();
  auto extractor = *selector[&RecordSelector::extractor].get();
  auto field_path = extractor[&DpathExtractor::field_path];
  result.record_path = compile_path(x, field_path, field_path.list(), true);
  if (auto extension = selector[&RecordSelector::x_sluice].get()) {
    result.require_records = (*extension)[&RecordSelectorExtension::require_records].value();
    for (const auto& field : (*extension)[&RecordSelectorExtension::ancestor_fields].list())
      result.ancestors.push_back(compile_ancestor(x, field, result.record_path));
  }
  for (const auto& transformation : stream[&DeclarativeStream::transformations].list())
    std::visit([&](const auto& t) { compile_transformation(x, t, slices, result.steps); }, transformation);
  if (auto filter = selector[&RecordSelector::record_filter].get()) {
    const bool at_last = selector[&RecordSelector::transform_before_filtering].value();
    result.steps.insert(at_last ? result.steps.end() : result.steps.begin(), compile_filter(x, *filter));
  }
  return result;
}

std::optional<std::uint32_t> rows_output_of(const endpoint& e) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
    const auto& path = e.outputs[i].record_path;
    // Behind a `*` come parts of rows.
    auto star = std::find(path.begin(), path.end(), "*");
    bool is_inside = star != path.end() && star + 1 != path.end();
    if (!is_inside && (!best || path.size() < e.outputs[*best].record_path.size()))
      best = i;
  }
  // Without a total the rows are compared with nothing: what the first stream selects is as good as any.
  if (!best && e.pages.total.source().empty())
    best = 0;
  return best;
}

} // namespace sluice::compiling
