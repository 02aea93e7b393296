#include "config/manifest/manifest.hpp"

#include "config/embedded_files.hpp"
#include "config/manifest/components/all.hpp"
#include "config/manifest/components/table.hpp"
#include "config/manifest/read/references.hpp"
#include "config/manifest/read/yaml_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace sluice {

namespace {

using compiling::DeclarativeStream;
using language::value;

tl::unexpected<error> unusable(std::string_view origin, const std::string& what) {
  return fail(errc::bad_manifest, failure_type::config_error,
              "The manifest " + std::string{origin} + " cannot be used: " + what
                + ". Nothing was read from the source.");
}

stream_definition define_stream(const compiling::view<DeclarativeStream>& stream) {
  stream_definition result;
  result.name = stream[&DeclarativeStream::name].text();
  result.path = stream.path();
  result.component = stream.whole();
  auto loader = *stream[&DeclarativeStream::schema_loader].get();
  auto schema = loader[&compiling::InlineSchemaLoader::schema];
  result.json_schema = schema.has() ? language::to_json(*schema.raw()) : "{}";
  result.primary_key = stream[&DeclarativeStream::primary_key].rows();
  auto retriever = *stream[&DeclarativeStream::retriever].get();
  result.has_parent = retriever[&compiling::SimpleRetriever::partition_router].has();
  result.supports_incremental = stream[&DeclarativeStream::incremental_sync].has();
  return result;
}

/// `dict` with the member of that name replaced by what `change` makes of it, if there is one.
template <class Function>
value with_changed(const value& dict, std::string_view name, Function change) {
  auto members = *dict.as_dict();
  for (auto& [key, member] : members)
    if (key == name)
      member = change(member);
  return value{std::move(members)};
}

/// An AuthFlow as the reference prints it: scopes are joined by blanks unless it says otherwise.
value with_default_joint(const value& auth) {
  static constexpr std::string_view joint = "scopes_join_strategy";
  return with_changed(auth, "oauth_config_specification", [](const value& specification) {
    return with_changed(specification, "oauth_connector_input_specification", [](const value& input) {
      auto members = *input.as_dict();
      if (input.find(joint) == nullptr)
        members.emplace_back(std::string{joint}, value{"space"});
      return value{std::move(members)};
    });
  });
}

expected<manifest_ptr> load_document(yaml_document document, std::string_view origin) {
  auto resolved = resolve_references(document, document.lines, origin);
  if (!resolved)
    return tl::unexpected<error>(std::move(resolved.error()));
  auto checked = check_components(*resolved, document.lines, origin);
  if (!checked)
    return tl::unexpected<error>(std::move(checked.error()));

  auto result = std::make_shared<manifest>();
  result->origin = origin;
  result->root = std::move(checked->root);
  result->warnings = std::move(checked->warnings);
  const compiling::view<compiling::DeclarativeSource> source{compiling::component_view{result->root, ""}};
  if (auto spec = source[&compiling::DeclarativeSource::spec].get()) {
    using compiling::Spec;
    result->connection_specification = language::to_json(*(*spec)[&Spec::connection_specification].raw());
    result->documentation_url = (*spec)[&Spec::documentation_url].text();
    if (auto auth = (*spec)[&Spec::advanced_auth]; auth.has())
      result->advanced_auth = language::to_json(with_default_joint(*auth.raw()));
  } else {
    result->connection_specification = R"({"type":"object","properties":{},"additionalProperties":true})";
    result->warnings.emplace_back("it has no spec: every configuration is accepted");
  }
  for (const auto& component : source[&compiling::DeclarativeSource::streams].list()) {
    auto stream = define_stream(component);
    if (const auto* other = result->find_stream(stream.name))
      return unusable(origin,
                      "at " + stream.path + ": the name '" + stream.name + "' is already taken by " + other->path);
    result->streams.push_back(std::move(stream));
  }
  auto check = *source[&compiling::DeclarativeSource::check].get();
  for (const auto& name : check[&compiling::CheckStream::stream_names].list()) {
    if (result->find_stream(name) == nullptr)
      return unusable(origin, "at check.stream_names: there is no stream '" + name + "'");
    result->check_streams.push_back(name);
  }
  return manifest_ptr{std::move(result)};
}

} // namespace

const stream_definition* manifest::find_stream(std::string_view name) const noexcept {
  auto i = std::find_if(streams.begin(), streams.end(), [name](const auto& x) { return x.name == name; });
  return i == streams.end() ? nullptr : &*i;
}

expected<manifest_ptr> load_manifest(std::string_view yaml, std::string_view origin) {
  if (yaml.size() > max_manifest_bytes)
    return unusable(origin, "it is larger than " + std::to_string(max_manifest_bytes >> 20) + " MiB");
  auto document = read_yaml(yaml, origin);
  if (!document)
    return tl::unexpected<error>(std::move(document.error()));
  return load_document(std::move(*document), origin);
}

expected<manifest_ptr> load_manifest_file(const std::string& path) {
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
  return load_manifest(text, path);
}

expected<manifest_ptr> load_built_in_manifest() {
  constexpr std::string_view origin = "the built-in SurveyMonkey connector";
  auto root = language::parse_json(embedded_surveymonkey_json());
  if (!root)
    return unusable(origin, root.error().message);
  return load_document({std::move(*root), {}}, origin);
}

} // namespace sluice
