#include "config/manifest/components/table.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace sluice {

namespace {

/// Components of the reference that are not supported; known so that messages can tell a gap from a typing error.
constexpr std::array gaps = {
  std::string_view{"AsyncJobStatusMap"},
  std::string_view{"AsyncRetriever"},
  std::string_view{"BlockSimultaneousSyncsAction"},
  std::string_view{"CheckDynamicStream"},
  std::string_view{"ComplexFieldType"},
  std::string_view{"ComponentMappingDefinition"},
  std::string_view{"ConditionalStreams"},
  std::string_view{"ConfigAddFields"},
  std::string_view{"ConfigComponentsResolver"},
  std::string_view{"ConfigMigration"},
  std::string_view{"ConfigRemapField"},
  std::string_view{"ConfigRemoveFields"},
  std::string_view{"CsvDecoder"},
  std::string_view{"DpathFlattenFields"},
  std::string_view{"DpathValidator"},
  std::string_view{"DynamicDeclarativeStream"},
  std::string_view{"DynamicSchemaLoader"},
  std::string_view{"DynamicStreamCheckConfig"},
  std::string_view{"FileUploader"},
  std::string_view{"FlattenFields"},
  std::string_view{"GroupByKeyMergeStrategy"},
  std::string_view{"GzipDecoder"},
  std::string_view{"HttpComponentsResolver"},
  std::string_view{"IncrementingCountCursor"},
  std::string_view{"IterableDecoder"},
  std::string_view{"JsonFileSchemaLoader"},
  std::string_view{"JsonItemsDecoder"},
  std::string_view{"JsonSchemaPropertySelector"},
  std::string_view{"JsonlDecoder"},
  std::string_view{"JwtAuthenticator"},
  std::string_view{"KeyTransformation"},
  std::string_view{"KeysReplace"},
  std::string_view{"KeysToLower"},
  std::string_view{"KeysToSnakeCase"},
  std::string_view{"LegacyToPerPartitionStateMigration"},
  std::string_view{"ParametrizedComponentsResolver"},
  std::string_view{"PredicateValidator"},
  std::string_view{"PropertiesFromEndpoint"},
  std::string_view{"PropertyChunking"},
  std::string_view{"QueryProperties"},
  std::string_view{"RecordExpander"},
  std::string_view{"ResponseToFileExtractor"},
  std::string_view{"SchemaTypeIdentifier"},
  std::string_view{"StateDelegatingStream"},
  std::string_view{"StreamConfig"},
  std::string_view{"StreamGroup"},
  std::string_view{"StreamParametersDefinition"},
  std::string_view{"TypesMap"},
  std::string_view{"ValidateAdheresToSchema"},
  std::string_view{"XmlDecoder"},
  std::string_view{"ZipfileDecoder"},
};

} // namespace

const field_rule* component_rule::find(std::string_view name) const noexcept {
  auto i = std::find_if(fields.begin(), fields.end(), [name](const field_rule& x) { return x.name == name; });
  return i == fields.end() ? nullptr : &*i;
}

const std::vector<component_family>& component_families() {
  static const std::vector<component_family> families = {
    {"source", compiling::source_rules()},     {"normalization", compiling::normalization_rules()},
    {"schemas", compiling::schemas_rules()},   {"requests", compiling::requests_rules()},
    {"auth", compiling::auth_rules()},         {"pages", compiling::pages_rules()},
    {"decoders", compiling::decoders_rules()}, {"records", compiling::records_rules()},
    {"slices", compiling::slices_rules()},     {"cursors", compiling::cursors_rules()},
    {"errors", compiling::errors_rules()},     {"limits", compiling::limits_rules()},
  };
  return families;
}

std::vector<std::string_view> unsupported_components() {
  std::vector<std::string_view> result;
  std::copy_if(gaps.begin(), gaps.end(), std::back_inserter(result),
               [](std::string_view type) { return find_component(type) == nullptr; });
  return result;
}

const component_rule* find_component(std::string_view type) noexcept {
  for (const auto& family : component_families())
    for (const auto& rule : family.rules)
      if (rule.type == type)
        return &rule;
  return nullptr;
}

bool is_reference_component(std::string_view type) noexcept {
  if (const auto* rule = find_component(type))
    return !rule->extension;
  return std::find(gaps.begin(), gaps.end(), type) != gaps.end();
}

} // namespace sluice
