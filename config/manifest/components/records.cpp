// What a stream takes out of a page: record selector and transformations.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

#include <algorithm>

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
std::vector<std::string> compile_path(context& x, const component_view& c, std::string_view field,
                                      const std::vector<std::string>& sources, bool stars) {
  std::vector<std::string> result;
  for (const auto& source : sources) {
    auto segment = x.fixed_text(c, source, c.path(field));
    bool glob = segment.find_first_of("*?[") != std::string::npos;
    if (glob && !(stars && is_star(segment)))
      x.refuse(c.path(field), "the pattern '" + segment + "' is not supported" + (stars ? "; only '*' alone is" : ""));
    if (segment.empty())
      x.refuse(c.path(field), "a segment of the path is empty");
    result.push_back(std::move(segment));
  }
  return result;
}

ancestor_field compile_ancestor(context& x, const component_view& c, const std::vector<std::string>& record_path) {
  ancestor_field result{c.text("name"), compile_path(x, c, "from", c.texts("from"), true)};
  auto [own, record] = std::mismatch(result.from.begin(), result.from.end(), record_path.begin(), record_path.end());
  bool below_shared
    = own != result.from.begin() && own != result.from.end() && std::none_of(own, result.from.end(), is_star);
  if (result.name.empty() || !below_shared)
    x.refuse(c.path("from"),
             "an ancestor field needs a name, and a path that shares its leading segments with field_path"
             " and then leads to one field");
  return result;
}

void compile_transformation(context& x, const component_view& c, const slice_fields& slices,
                            std::vector<field_change>& result) {
  if (c.type() == "RemoveFields") {
    for (const auto& pointer : *c.raw("field_pointers")->as_list()) {
      std::vector<std::string> sources;
      for (const auto& segment : *pointer.as_list())
        sources.push_back(*segment.as_string());
      field_change change;
      change.what = field_change::kind::remove;
      change.path = compile_path(x, c, "field_pointers", sources, false);
      if (change.path.empty())
        x.refuse(c.path("field_pointers"), "an empty path would remove the whole record");
      result.push_back(std::move(change));
    }
    return;
  }
  const std::vector<std::string> variables = {"record", "stream_slice", "stream_partition"};
  for (const auto& field : c.children("fields")) {
    field_change change;
    change.what = field_change::kind::add;
    change.path = compile_path(x, field, "path", field.texts("path"), false);
    if (change.path.empty())
      x.refuse(field.path("path"), "must not be empty");
    for (const auto& segment : change.path)
      if (is_far_position(segment))
        x.refuse(field.path("path"), "the position " + segment + " in a list is not supported; at most 1000 is");
    change.value = x.dynamic(field, field.text("value"), field.path("value"), variables);
    change.as_string = field.text("value_type") == "string";
    for (const auto& variable : {"stream_slice", "stream_partition"})
      for (const auto& reference : change.value.references(variable))
        if (slices.partition_field.empty() || (reference.size() > 1 && reference[1] != slices.partition_field))
          x.refuse(field.path("value"), "the template reads '" + std::string{variable} + "', but "
                                          + (slices.partition_field.empty()
                                               ? std::string{"the stream has no partition_router"}
                                               : "slices have only the field '" + slices.partition_field + "'"));
    result.push_back(std::move(change));
  }
}

} // namespace

std::vector<component_rule> records_rows() {
  using k = field_kind;
  return {
    {"RecordSelector",
     {{"extractor", k::component, "=DpathExtractor", required},
      {"record_filter", k::unsupported},
      {"schema_normalization", k::choice, "None"},
      {"transform_before_filtering", k::ignored},
      {"x-sluice", k::component, "=RecordSelector.x-sluice"}}},
    {"DpathExtractor",
     {{"field_path", k::texts, {}, required},
      {"record_expander", k::unsupported},
      {"decoder", k::component, "=JsonDecoder"}}},
    {"AddFields", {{"fields", k::components, "=AddedFieldDefinition", required}, {"condition", k::unsupported}}},
    {"AddedFieldDefinition",
     {{"path", k::texts, {}, required}, {"value", k::text, {}, required}, {"value_type", k::choice, "string"}}},
    {"RemoveFields", {{"field_pointers", k::text_grid, {}, required}, {"condition", k::unsupported}}},
    {"RecordSelector.x-sluice",
     {{"require_records", k::boolean}, {"ancestor_fields", k::components, "=ancestor_fields"}},
     true,
     true},
    {"ancestor_fields", {{"name", k::text, {}, required}, {"from", k::texts, {}, required}}, true, true},
  };
}

std::vector<std::vector<std::string>> primary_key_of(const language::value* key) {
  std::vector<std::vector<std::string>> result;
  if (key != nullptr)
    for (const auto& part : *key->as_list()) {
      auto& path = result.emplace_back();
      for (const auto& segment : *part.as_list())
        path.push_back(*segment.as_string());
    }
  return result;
}

output compile_output(context& x, const component_view& stream, const slice_fields& slices) {
  output result;
  result.stream_name = stream.text("name");
  result.emit = false;
  result.primary_key = primary_key_of(stream.raw("primary_key"));
  auto selector = *stream.child("retriever")->child("record_selector");
  auto extractor = *selector.child("extractor");
  result.record_path = compile_path(x, extractor, "field_path", extractor.texts("field_path"), true);
  if (auto extension = selector.child("x-sluice")) {
    result.require_records = extension->boolean("require_records");
    for (const auto& field : extension->children("ancestor_fields"))
      result.ancestors.push_back(compile_ancestor(x, field, result.record_path));
  }
  for (const auto& transformation : stream.children("transformations"))
    compile_transformation(x, transformation, slices, result.changes);
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
