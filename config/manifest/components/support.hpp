#pragma once

// What the parts of the plan compiler share. Private to config/manifest.

#include "config/manifest/compile.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::compiling {

using language::value;

/// A checked component and where it is. The table (components.hpp) guarantees its fields' kinds.
class component_view {
public:
  component_view(const value& component, std::string path) : component_{&component}, path_{std::move(path)} {}

  std::string_view type() const noexcept;
  const std::string& path() const noexcept { return path_; }
  std::string path(std::string_view field) const { return path_ + "." + std::string{field}; }
  bool has(std::string_view field) const noexcept { return component_->find(field) != nullptr; }
  /// A text field; "" if it is missing.
  std::string text(std::string_view field) const;
  bool boolean(std::string_view field) const noexcept;
  const value* raw(std::string_view field) const noexcept { return component_->find(field); }
  const value& whole() const noexcept { return *component_; }
  std::optional<component_view> child(std::string_view field) const;
  std::vector<component_view> children(std::string_view field) const;
  std::vector<std::string> texts(std::string_view field) const;
  /// The component's `$parameters`; an empty dict if it has none.
  value parameters() const;

private:
  const value* component_;
  std::string path_;
};

/// One compilation. The first failure wins; after it, results are not used.
class context {
public:
  context(const manifest& m, const compile_input& input) : manifest_{m}, input_{input} {}

  const manifest& source() const noexcept { return manifest_; }
  const compile_input& input() const noexcept { return input_; }
  bool failed() const noexcept { return failure_.has_value(); }
  error take_failure() { return std::move(*failure_); }

  /// Something in the manifest is wrong or not supported.
  void refuse(const std::string& path, const std::string& what);
  /// A config value does not fit where the manifest uses it.
  void refuse_config(const std::string& path, const std::string& what);
  void set_failure(error e);

  /// Renders text that sees `config` and `parameters` only.
  std::string fixed(const component_view& c, std::string_view field);
  std::string fixed_text(const component_view& c, const std::string& source, const std::string& path);
  /// A `fixed` whole number in [least, most]; nothing if the field is missing.
  std::optional<std::int64_t> fixed_integer(const component_view& c, std::string_view field, std::int64_t least,
                                            std::int64_t most = std::numeric_limits<std::int64_t>::max());
  /// A `fixed` non-negative number of seconds (may have a fraction).
  std::optional<double> fixed_number(const component_view& c, std::string_view field);

  /// A template that may see `variables` at run time, besides `config`. `parameters` are known only here, so a template
  /// that uses them is rendered now. Others stay as written: a plan can be shown without showing the config's secrets.
  text_template dynamic(const component_view& c, std::string_view source, const std::string& path,
                        const std::vector<std::string>& variables);
  /// A condition that may see `variables` (and nothing else).
  std::optional<condition> dynamic_condition(const component_view& c, std::string_view field,
                                             const std::vector<std::string>& variables);

private:
  language::scope fixed_scope(const component_view& c) const;
  std::optional<text_template> parse(const component_view& c, std::string_view source, const std::string& path,
                                     const std::vector<std::string>& variables);
  void refuse_template(const std::string& path, const error& why);

  const manifest& manifest_;
  const compile_input& input_;
  std::optional<error> failure_;
};

/// How the slices of the stream at hand look to its templates.
struct slice_fields {
  /// Empty: a root endpoint.
  std::string partition_field;
};

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
  std::optional<named_template> parameter;
  std::optional<named_template> header;
};

/// How a stream hangs below its parent: none for a stream without partition_router. `add_stream` compiles the parent
/// into `p` if it is not there yet.
std::optional<parent_link> compile_parent(context& x, const plan& p, const component_view& retriever,
                                          const std::function<place(const component_view&)>& add_stream);
/// Enters the edge from the parent to `e`, which becomes the plan's next endpoint.
void connect(plan& p, endpoint& e, const parent_link& link);

/// URL without user info and query, for messages.
std::string harmless_url(std::string_view url);
/// True if `url` is an absolute http or https URL with a host and without user info, query and fragment.
bool is_base_url(std::string_view url);
/// True if `pattern` compiles as RE2; otherwise `why` tells.
bool is_pattern(const std::string& pattern, std::string& why);

request_template compile_request(context& x, const component_view& requester, const slice_fields& slices);
/// The headers that say who asks; their values are secrets.
std::vector<named_template> compile_authenticator(context& x, const component_view& requester);
pagination compile_pagination(context& x, const component_view& retriever);
std::vector<error_handler> compile_error_handlers(context& x, const component_view& requester);
datetime_cursor compile_cursor(context& x, const component_view& cursor);
std::optional<request_option> compile_option(context& x, const component_view& owner, std::string_view field);
/// A stream's `primary_key` as the schema of components has checked it: one path for each part of the key; empty: none.
std::vector<std::vector<std::string>> primary_key_of(const language::value* key);
output compile_output(context& x, const component_view& stream, const slice_fields& slices);

/// See `endpoint::rows_output`; all outputs must be there.
std::optional<std::uint32_t> rows_output_of(const endpoint& e);
api_budget compile_budget(context& x, const component_view& source);
std::optional<std::uint32_t> compile_concurrency(context& x, const component_view& source);

} // namespace sluice::compiling
