#include "config/manifest/compile.hpp"

#include "config/manifest/components/all.hpp"
#include "config/manifest/identity.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>

namespace sluice {

namespace {

using compiling::component_view;
using compiling::context;
using compiling::DeclarativeStream;
using compiling::place;
using compiling::SimpleRetriever;
using compiling::view;
using language::value;
using language::value_list;

/// Two outputs of one endpoint print the same records under the same name.
bool same(const output& x, const output& y) {
  return x.stream_name == y.stream_name && x.record_path == y.record_path && x.require_records == y.require_records
         && x.expansion == y.expansion && x.ancestors == y.ancestors && x.steps == y.steps;
}

/// Which parts of the body templates read.
class response_needs {
public:
  template <class Template>
  void read(const Template& t) {
    for (const auto& reference : t.references("response")) {
      if (reference.size() > 1)
        keys_.insert(reference[1]);
      else
        whole_ = true;
    }
    last_record_ = last_record_ || !t.references("last_record").empty();
    headers_ = headers_ || !t.references("headers").empty();
  }

  void store(endpoint& e) const {
    e.needs_whole_response = whole_;
    e.needs_last_record = last_record_;
    e.needs_headers = headers_;
    e.response_keys.assign(keys_.begin(), keys_.end());
  }

private:
  std::set<std::string> keys_;
  bool whole_ = false;
  bool last_record_ = false;
  bool headers_ = false;
};

void find_needs(endpoint& e) {
  response_needs needs;
  e.pages.each_template([&needs](const auto& t) { needs.read(t); });
  for (const auto& handler : e.errors)
    handler.each_template([&needs](const auto& t) { needs.read(t); });
  needs.store(e);
}

class compiler {
public:
  /// @param every_way what a stream may delegate to is compiled as well, so that its faults are known.
  compiler(const manifest& m, const compile_input& input, bool every_way = false)
    : manifest_{m}, input_{input}, every_way_{every_way} {}

  expected<plan> run() {
    plan_.config = input_.config;
    plan_.record_limit = input_.record_limit;
    std::unordered_set<std::string_view> names;
    for (stream_index i = 0; i < input_.streams.size(); ++i) {
      const auto& selected = input_.streams[i];
      if (!names.insert(selected.name).second)
        return fail(errc::bad_catalog, failure_type::config_error,
                    "The configured catalogue selects the stream '" + selected.name
                      + "' twice. Nothing was read from the source; remove one of the two.");
      planned_stream planned{selected.name, selected.name_space, {}, 0, selected.incremental, selected.initial_state};
      planned.already_complete = selected.already_complete;
      const auto* definition = manifest_.find_stream(selected.name);
      if (definition != nullptr && !selected.already_complete)
        add_selected(*definition, i, planned);
      plan_.streams.push_back(std::move(planned));
    }
    for (auto& e : plan_.endpoints)
      e.rows_output = compiling::rows_output_of(e);
    add_source();
    if (!faults_.empty())
      return tl::unexpected<error>(error_of(manifest_.origin, faults_));
    return std::move(plan_);
  }

  std::vector<manifest_fault> take_faults() { return std::move(faults_); }

private:
  void add_faults(const std::vector<manifest_fault>& faults) {
    for (const auto& x : faults)
      add_fault(faults_, x);
  }

  /// A stream that the catalogue selects. What is wrong with it is collected, so that all is said at once.
  void add_selected(const stream_definition& definition, stream_index i, planned_stream& planned) {
    if (!definition.faults.empty())
      return add_faults(definition.faults);
    context x{manifest_, input_};
    const auto endpoints = plan_.endpoints.size();
    const auto edges = plan_.edges.size();
    const auto credentials = plan_.credentials.size();
    const auto at = add_chosen(x, definition, planned);
    const auto& faults = x.faults();
    if (!x.failed())
      return select(at, i, planned);
    if (!std::all_of(faults.begin(), faults.end(), [](const auto& fault) { return fault.is_of_stream; }))
      return add_faults(faults);
    planned.refusal = error{errc::bad_config,
                            failure_type::config_error,
                            "Stream " + definition.name + " cannot be read with this configuration: " + text_of(faults)
                              + ". Nothing was asked for it; correct the configuration.",
                            {}};
    take_back(endpoints, edges, credentials);
  }

  /// The stream, or what it delegates to.
  place add_chosen(context& x, const stream_definition& definition, planned_stream& planned) {
    const auto stream = compiling::open_stream(component_view{definition.component, definition.path});
    notes_.clear();
    const auto chosen = compiling::choose_stream(x, stream, planned.initial_state, planned.incremental);
    planned.delegated_full_refresh = chosen.is_full_refresh;
    planned.begins_anew = chosen.begins_anew;
    note(chosen, "");
    if (x.failed())
      return {};
    if (const auto other = every_way_ ? compiling::incremental_stream(stream) : std::nullopt)
      add_stream(x, *other, {});
    const auto at = add_stream(x, chosen.definition, chosen.state);
    planned.warning = std::move(notes_);
    return at;
  }

  void note(const compiling::chosen_stream& chosen, const std::string& whose) {
    if (!chosen.warning.empty())
      notes_ += (notes_.empty() ? "" : "; ") + whose + chosen.warning;
  }

  /// Forgets what was added since there was so much.
  void take_back(std::size_t endpoints, std::size_t edges, std::size_t credentials) {
    plan_.credentials.erase(plan_.credentials.begin() + static_cast<std::ptrdiff_t>(credentials),
                            plan_.credentials.end());
    plan_.endpoints.resize(endpoints);
    plan_.edges.resize(edges);
    identities_.resize(endpoints);
    for (auto& e : plan_.endpoints)
      std::erase_if(e.child_edges, [edges](std::uint32_t edge) { return edge >= edges; });
  }

  /// What holds for all requests.
  void add_source() {
    if (!manifest_.request_faults.empty())
      return add_faults(manifest_.request_faults);
    context x{manifest_, input_};
    view<compiling::DeclarativeSource> source{component_view{manifest_.root, ""}};
    plan_.budget = compiling::compile_budget(x, source);
    plan_.concurrency = compiling::compile_concurrency(x, source);
    add_faults(x.faults());
  }

  /// A parent of a stream with this state; without one, or where the child does not depend on it incrementally, it is
  /// read from the start.
  compiling::parent_place add_parent(context& x, const view<compiling::ParentStreamConfig>& config, bool is_incremental,
                                     const std::string& child_state) {
    using fields = compiling::ParentStreamConfig;
    const auto stream = *config[&fields::stream].get();
    const auto state = is_incremental ? compiling::state_of_parent(x, stream, child_state) : std::string{};
    const auto chosen = compiling::choose_stream(x, stream, state, true);
    if (x.failed())
      return {};
    note(chosen, "of its parent " + chosen.definition[&DeclarativeStream::name].text() + ", ");
    return {add_stream(x, chosen.definition, chosen.state), chosen.begins_anew};
  }

  /// Compiles a stream and its ancestors as far as they are not there yet. `state`: what it begins with; empty:
  /// nothing.
  place add_stream(context& x, const view<DeclarativeStream>& stream, const std::string& state) {
    auto retriever = *stream[&DeclarativeStream::retriever].get();
    auto requester = *retriever[&SimpleRetriever::requester].get();
    auto router = compiling::compile_router(
      x, retriever, [&](const view<compiling::ParentStreamConfig>& parent, bool is_incremental) {
        return add_parent(x, parent, is_incremental, state);
      });
    if (x.failed())
      return {};

    endpoint e;
    e.name = stream[&DeclarativeStream::name].text();
    // What parents brought may be old by then, as in the reference.
    if (!state.empty())
      for (auto& link : router.links)
        link.first_page.reset();
    e.request = compiling::compile_request(x, plan_.credentials, requester);
    e.request.partition_options = std::move(router.options);
    e.pages = compiling::compile_pagination(x, retriever);
    e.decoder = compiling::compile_decoder(retriever);
    e.errors = compiling::compile_error_handlers(x, requester);
    const auto cursor = stream[&DeclarativeStream::incremental_sync];
    if (auto of = cursor.get())
      e.cursor = std::visit([&x](const auto& c) { return compiling::compile_cursor(x, c); }, *of);
    compiling::check_cursor(x, cursor, router, e);
    compiling::check_migrations(x, stream);
    auto out = compiling::compile_output(x, stream);
    if (!x.failed())
      compiling::check_collisions(x, requester, e);
    if (x.failed())
      return {};
    find_needs(e);

    auto identity = identity_of(stream.whole());
    for (const auto& link : router.links)
      identity += std::to_string(link.parent.endpoint) + "/" + std::to_string(link.parent.output) + ";";
    // A cursor's windows, and pages that end by the last record, belong to one stream's records.
    if (e.cursor || e.pages.reads_records())
      identity += out.stream_name + language::to_json(path_value(out.record_path));

    auto known = std::find(identities_.begin(), identities_.end(), identity);
    const auto id = static_cast<endpoint_id>(known - identities_.begin());
    if (known == identities_.end()) {
      e.id = id;
      compiling::lay_out_slices(plan_, e, router);
      identities_.push_back(std::move(identity));
      plan_.endpoints.push_back(std::move(e));
    }
    return {id, add_output(plan_.endpoints[id], std::move(out))};
  }

  static std::uint32_t add_output(endpoint& e, output out) {
    auto known = std::find_if(e.outputs.begin(), e.outputs.end(), [&out](const output& x) { return same(x, out); });
    const auto index = static_cast<std::uint32_t>(known - e.outputs.begin());
    if (known == e.outputs.end())
      e.outputs.push_back(std::move(out));
    return index;
  }

  /// Makes an output print its records for the catalogue's stream `i`.
  void select(const place& at, stream_index i, planned_stream& planned) {
    auto& e = plan_.endpoints[at.endpoint];
    planned.endpoint = at.endpoint;
    planned.output = at.output;
    e.outputs[at.output].emit = true;
    e.outputs[at.output].stream = i;
    // A parent of the same name may select its records differently; state is about the printed ones.
    if (e.cursor)
      e.cursor->output = at.output;
  }

  static value path_value(const std::vector<std::string>& path) {
    value_list result;
    for (const auto& segment : path)
      result.emplace_back(segment);
    return value{std::move(result)};
  }

  const manifest& manifest_;
  const compile_input& input_;
  bool every_way_;
  /// Of all streams.
  std::vector<manifest_fault> faults_;
  plan plan_;
  /// One for each endpoint.
  std::vector<std::string> identities_;
  /// What the user should know of the choices made for the stream at hand.
  std::string notes_;
};

} // namespace

std::vector<manifest_fault> plan_faults(const manifest& m, const compile_input& input) {
  compiler c{m, input, true};
  auto made = c.run();
  auto faults = c.take_faults();
  if (!made && faults.empty())
    faults.push_back({"", made.error().message, 0, made.error().code, made.error().internal_message});
  if (made)
    for (const auto& stream : made->streams)
      if (stream.refusal)
        faults.push_back({"", stream.refusal->message, 0, stream.refusal->code});
  return faults;
}

expected<plan> compile_plan(const manifest& m, const compile_input& input) {
  return compiler{m, input}.run();
}

expected<config_rules> compile_config_rules(const manifest& m) {
  constexpr std::string_view rules = "spec.config_normalization_rules";
  // Half of the rules would make a config that nobody meant.
  for (const auto& x : m.request_faults)
    if (x.path.starts_with(rules))
      return tl::unexpected(error_of(m.origin, m.request_faults));
  const compile_input nothing_yet;
  context x{m, nothing_yet};
  auto result = compiling::compile_normalization(x, view<compiling::DeclarativeSource>{component_view{m.root, ""}});
  if (x.failed())
    return tl::unexpected(error_of(m.origin, x.faults()));
  return result;
}

} // namespace sluice
