#include "config/manifest/manifest.hpp"

#include "config/embedded_files.hpp"
#include "config/manifest/components/all.hpp"
#include "config/manifest/components/table.hpp"
#include "config/manifest/read/dict_builder.hpp"
#include "config/manifest/read/references.hpp"
#include "config/manifest/read/yaml_reader.hpp"
#include "config/manifest/schema_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>
#include <variant>

namespace sluice {

namespace {

using compiling::DeclarativeStream;
using language::value;
using language::value_dict;

tl::unexpected<error> unusable(std::string_view origin, const std::string& what) {
  return fail(errc::bad_manifest, failure_type::config_error,
              "The manifest " + std::string{origin} + " cannot be used: " + what
                + ". Nothing was read from the source.");
}

/// `schemas/NAME.json`, unless the manifest says otherwise; templates see parameters alone.
expected<std::string> schema_path(const stream_definition& stream, const compiling::component_view* loader) {
  const auto by_name = "schemas/" + stream.name + ".json";
  if (loader == nullptr)
    return by_name;
  const auto path = compiling::handles<compiling::JsonFileSchemaLoader>().file_path.of(*loader);
  if (path.text().empty())
    return by_name;
  auto source = language::text_template::parse(path.text(), {"parameters"});
  if (!source)
    return tl::unexpected(std::move(source.error()));
  language::scope scope;
  const auto* parameters = loader->whole().find("$parameters");
  scope.set("parameters", parameters != nullptr ? *parameters : value{value_dict{}});
  return source->render(scope);
}

/// The schema of a stream whose loader reads files, or that has none: then a file that is not there is an empty schema,
/// as in the reference.
std::string load_schema_file(stream_definition& stream, const compiling::component_view* loader,
                             const std::string& folder) {
  auto schema
    = schema_path(stream, loader).and_then([&](const std::string& path) { return read_schema_file(folder, path); });
  if (schema)
    return std::move(*schema);
  if (loader != nullptr || schema.error().code != errc::unreadable_file)
    stream.schema_gaps.push_back({stream.path + ".schema_loader", schema.error().message});
  return "{}";
}

std::string load_schema(stream_definition&, const compiling::view<compiling::InlineSchemaLoader>& loader,
                        const std::string&) {
  const auto schema = loader[&compiling::InlineSchemaLoader::schema];
  return schema.has() ? language::to_json(*schema.raw()) : "{}";
}

std::string load_schema(stream_definition& stream, const compiling::view<compiling::JsonFileSchemaLoader>& loader,
                        const std::string& folder) {
  return load_schema_file(stream, &loader, folder);
}

/// The properties of several schemas in one: what the first ones say of a property goes before what later ones say,
/// and what later ones have comes first, as in the reference.
std::string merged_schemas(const std::vector<std::string>& schemas) {
  language::value_dict properties;
  for (const auto& text : schemas) {
    const auto schema = language::parse_json(text);
    const auto* own = schema ? schema->find("properties") : nullptr;
    dict_builder all{own != nullptr && own->as_dict() != nullptr ? *own->as_dict() : language::value_dict{}};
    for (auto& [name, property] : properties)
      all.put(name, std::move(property));
    properties = all.take();
  }
  return language::to_json(
    value{language::value_dict{{"$schema", value{"http://json-schema.org/draft-07/schema#"}},
                               {"type", value{language::value_list{value{"null"}, value{"object"}}}},
                               {"properties", value{std::move(properties)}}}});
}

std::string schema_of(stream_definition& stream, const compiling::any_schema_loader& loader,
                      const std::string& folder) {
  if (!loader.has())
    return load_schema_file(stream, nullptr, folder);
  std::vector<std::string> schemas;
  for (const auto& one : loader.list())
    schemas.push_back(std::visit([&](const auto& x) { return load_schema(stream, x, folder); }, one));
  if (loader.is_list())
    return merged_schemas(schemas);
  return schemas.empty() ? "{}" : schemas.front();
}

/// What a catalogue says of a stream.
void list_stream(stream_definition& result, const compiling::view<DeclarativeStream>& stream,
                 const std::string& folder) {
  result.json_schema = schema_of(result, stream[&DeclarativeStream::schema_loader], folder);
  result.primary_key = stream[&DeclarativeStream::primary_key].rows();
  if (auto retriever = stream[&DeclarativeStream::retriever].get())
    result.has_parent = (*retriever)[&compiling::SimpleRetriever::partition_router].has();
  result.supports_incremental = stream[&DeclarativeStream::incremental_sync].has();
}

std::string name_of(const compiling::view<DeclarativeStream>& stream) {
  return stream[&DeclarativeStream::name].text();
}
std::string name_of(const compiling::view<compiling::StateDelegatingStream>& stream) {
  return stream[&compiling::StateDelegatingStream::name].text();
}

stream_definition define_stream(const compiling::any_stream& stream, const std::string& folder) {
  stream_definition result;
  result.name = std::visit([](const auto& c) { return name_of(c); }, stream);
  const compiling::component_view& whole
    = std::visit([](const auto& c) -> const compiling::component_view& { return c; }, stream);
  result.path = whole.path();
  result.component = whole.whole();
  if (const auto listed = compiling::listed_stream(stream))
    list_stream(result, *listed, folder);
  return result;
}

bool is_below(std::string_view path, std::string_view place) {
  return path.substr(0, place.size()) == place && (path.size() == place.size() || path[place.size()] == '.');
}

/// The streams' number in `streams[2].retriever`; nothing for other paths.
std::optional<std::size_t> stream_of(std::string_view path) {
  constexpr std::string_view start = "streams[";
  std::size_t index = 0;
  if (path.substr(0, start.size()) != start)
    return std::nullopt;
  auto [end, ec] = std::from_chars(path.data() + start.size(), path.data() + path.size(), index);
  const bool closed = end != path.data() + path.size() && *end == ']';
  return ec == std::errc{} && closed ? std::optional{index} : std::nullopt;
}

/// Whom the faults of a manifest concern.
class fault_sorter {
public:
  fault_sorter(manifest& m, const value& written) : manifest_{m}, written_{written} {}

  /// Streams must be there. Returns what concerns everybody.
  std::vector<manifest_fault> sort(const std::vector<manifest_fault>& faults) {
    for (const auto& x : faults)
      if (auto* list = list_of(x))
        add_fault(*list, x);
    return std::move(everybody_);
  }

private:
  /// nullptr: it concerns nobody.
  std::vector<manifest_fault>* list_of(const manifest_fault& x) {
    if (auto i = stream_of(x.path)) {
      auto& stream = manifest_.streams[*i];
      if (stream.name.empty())
        return is_unlisted(*i) ? &manifest_.unlisted_streams : &everybody_;
      if (!x.is_gap || !is_schema_loader(x.path))
        return &stream.faults;
      // Nobody asks for the schema of a parent.
      const auto place = place_of(x.path);
      return place == stream.path + schema_loader || place == stream.path + ".full_refresh_stream" + schema_loader
               ? &stream.schema_gaps
               : nullptr;
    }
    if (is_below(x.path, "dynamic_streams"))
      return &manifest_.unlisted_streams;
    if (is_below(x.path, "check"))
      return &manifest_.check_faults;
    for (auto place : {"api_budget", "concurrency_level", "stream_groups", "spec.config_normalization_rules"})
      if (is_below(x.path, place))
        return &manifest_.request_faults;
    return &everybody_;
  }

  static constexpr const char* schema_loader = ".schema_loader";
  static bool is_schema_loader(std::string_view path) { return place_of(path).ends_with(schema_loader); }
  /// Without the position in a list that it may end with.
  static std::string_view place_of(std::string_view path) {
    return path.substr(0, path.ends_with(']') ? path.rfind('[') : path.size());
  }

  /// A component that the reference knows, of another kind than a stream: its streams have names of their own.
  bool is_unlisted(std::size_t i) const {
    const auto* list = written_.find("streams");
    if (list == nullptr || list->as_list() == nullptr || i >= list->as_list()->size())
      return false;
    const auto* type = (*list->as_list())[i].find("type");
    return type != nullptr && type->as_string() != nullptr && *type->as_string() != DeclarativeStream::type
           && *type->as_string() != compiling::StateDelegatingStream::type
           && is_reference_component(*type->as_string());
  }

  manifest& manifest_;
  const value& written_;
  std::vector<manifest_fault> everybody_;
};

/// Two streams of one name could not be told apart.
void find_twins(const manifest& m, std::vector<manifest_fault>& faults) {
  for (const auto& stream : m.streams)
    if (const auto* other = m.find_stream(stream.name); other != &stream && !stream.name.empty())
      faults.push_back({stream.path, "the name '" + stream.name + "' is already taken by " + other->path});
}

/// As the reference prints a dict of any values: what is null in it goes, but not what is null further below.
value without_nulls(const value& dict) {
  value_dict result;
  for (const auto& member : *dict.as_dict())
    if (!member.second.is_none())
      result.push_back(member);
  return value{std::move(result)};
}

/// What a platform asks for consent with, as the reference prints it: scopes are joined by blanks unless it says
/// otherwise.
value printed_input(const value& input) {
  constexpr std::array before_joint{"consent_url", "access_token_url", "scope", "scopes", "optional_scopes"};
  constexpr auto joint = "scopes_join_strategy";
  auto members = *input.as_dict();
  for (auto& member : members)
    if (member.second.as_dict() != nullptr)
      member.second = without_nulls(member.second);
  if (input.find(joint) == nullptr) {
    auto behind = std::find_if(members.begin(), members.end(), [&](const auto& member) {
      return std::find(before_joint.begin(), before_joint.end(), member.first) == before_joint.end();
    });
    members.insert(behind, {joint, value{"space"}});
  }
  return value{std::move(members)};
}

/// An AuthFlow as the reference prints it.
value printed_auth(const value& auth) {
  value_dict result;
  for (const auto& [key, x] : *auth.as_dict()) {
    if (key != "oauth_config_specification") {
      result.emplace_back(key, x);
      continue;
    }
    value_dict specification;
    for (const auto& [part, y] : *x.as_dict())
      specification.emplace_back(part,
                                 part == "oauth_connector_input_specification" ? printed_input(y) : without_nulls(y));
    result.emplace_back(key, value{std::move(specification)});
  }
  return value{std::move(result)};
}

void take_spec(manifest& m, const compiling::view<compiling::DeclarativeSource>& source) {
  using compiling::Spec;
  if (auto spec = source[&compiling::DeclarativeSource::spec].get()) {
    m.connection_specification = language::to_json(without_nulls(*(*spec)[&Spec::connection_specification].raw()));
    m.documentation_url = (*spec)[&Spec::documentation_url].text();
    if (auto auth = (*spec)[&Spec::advanced_auth]; auth.has())
      m.advanced_auth = language::to_json(printed_auth(*auth.raw()));
    return;
  }
  m.connection_specification = R"({"type":"object","properties":{},"additionalProperties":true})";
  m.warnings.emplace_back("it has no spec: every configuration is accepted");
}

/// Which streams `check` tries; those that cannot be are faults of it.
void take_check(manifest& m, const compiling::view<compiling::DeclarativeSource>& source) {
  auto check = source[&compiling::DeclarativeSource::check].get();
  if (!check)
    return;
  for (const auto& name : (*check)[&compiling::CheckStream::stream_names].list()) {
    if (m.find_stream(name) != nullptr)
      m.check_streams.push_back(name);
    else
      m.check_faults.push_back({"check.stream_names", "there is no stream '" + name + "'"});
  }
}

expected<manifest_ptr> load_document(yaml_document document, std::string_view origin, const std::string& folder,
                                     std::vector<manifest_fault>* all_faults) {
  auto resolved = resolve_references(document, document.lines, origin);
  if (!resolved)
    return tl::unexpected<error>(std::move(resolved.error()));
  auto checked = check_components(*resolved, document.lines, origin);
  if (!checked)
    return tl::unexpected<error>(std::move(checked.error()));

  auto result = std::make_shared<manifest>();
  result->origin = origin;
  result->root = std::move(checked->root);
  result->lines = std::move(checked->lines);
  result->warnings = std::move(checked->warnings);
  const compiling::view<compiling::DeclarativeSource> source{compiling::component_view{result->root, ""}};
  for (const auto& component : source[&compiling::DeclarativeSource::streams].list())
    result->streams.push_back(define_stream(component, folder));
  auto faults = fault_sorter{*result, *resolved}.sort(checked->faults);
  find_twins(*result, faults);
  auto& streams = result->streams;
  streams.erase(std::remove_if(streams.begin(), streams.end(), [](const auto& x) { return x.name.empty(); }),
                streams.end());
  if (streams.empty() && result->unlisted_streams.empty() && faults.empty())
    faults.push_back({"", "DeclarativeSource: needs the field 'streams'"});
  if (!faults.empty()) {
    if (all_faults != nullptr)
      *all_faults = faults;
    return tl::unexpected(error_of(origin, faults));
  }
  take_spec(*result, source);
  take_check(*result, source);
  return manifest_ptr{std::move(result)};
}

} // namespace

const stream_definition* manifest::find_stream(std::string_view name) const noexcept {
  auto i = std::find_if(streams.begin(), streams.end(), [name](const auto& x) { return x.name == name; });
  return i == streams.end() ? nullptr : &*i;
}

expected<manifest_ptr> load_manifest(std::string_view yaml, std::string_view origin, const std::string& folder,
                                     std::vector<manifest_fault>* faults) {
  if (yaml.size() > max_manifest_bytes)
    return unusable(origin, "it is larger than " + std::to_string(max_manifest_bytes >> 20) + " MiB");
  auto document = read_yaml(yaml, origin);
  if (!document)
    return tl::unexpected<error>(std::move(document.error()));
  return load_document(std::move(*document), origin, folder, faults);
}

expected<manifest_ptr> load_manifest_file(const std::string& path, std::vector<manifest_fault>* faults) {
  auto unreadable = [&path](const std::string& why) {
    return fail(errc::unreadable_file, failure_type::config_error,
                "The manifest " + path + " cannot be read: " + why + ". Nothing was read from the source.");
  };
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return unreadable(errno != 0 ? std::strerror(errno) : "it cannot be opened");
  std::string text;
  std::string block(std::size_t{64} << 10, '\0');
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_manifest_bytes)
      return unreadable("it is larger than " + std::to_string(max_manifest_bytes >> 20) + " MiB");
  }
  if (in.bad() || (text.empty() && errno == EISDIR))
    return unreadable(errno != 0 ? std::strerror(errno) : "reading it failed");
  const auto folder = std::filesystem::path{path}.parent_path().string();
  return load_manifest(text, path, folder.empty() ? "." : folder, faults);
}

expected<manifest_ptr> load_built_in_manifest() {
  constexpr std::string_view origin = "the built-in SurveyMonkey connector";
  auto root = language::parse_json(embedded_surveymonkey_json());
  if (!root)
    return unusable(origin, root.error().message);
  return load_document({std::move(*root), {}}, origin, {}, nullptr);
}

} // namespace sluice
