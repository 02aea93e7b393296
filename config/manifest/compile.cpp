#include "config/manifest/compile.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace sluice {

namespace {

using compiling::component_view;
using compiling::context;
using compiling::DeclarativeStream;
using compiling::place;
using compiling::SimpleRetriever;
using compiling::slice_fields;
using compiling::view;
using language::value;
using language::value_dict;
using language::value_list;

/// A component without the parameters it was given, to tell whether two say the same.
value without_parameters(const value& x) {
  if (const auto* dict = x.as_dict()) {
    value_dict result;
    for (const auto& [key, element] : *dict)
      if (key != "$parameters")
        result.emplace_back(key, without_parameters(element));
    return value{std::move(result)};
  }
  if (const auto* list = x.as_list()) {
    value_list result;
    for (const auto& element : *list)
      result.push_back(without_parameters(element));
    return value{std::move(result)};
  }
  return x;
}

/// Text that is equal for components that behave alike. Parameters count only where a template may read them.
std::string identity_of(const compiling::field_ref& c) {
  if (!c.has())
    return "-";
  auto text = language::to_json(without_parameters(*c.raw()));
  return text.find("parameters") == std::string::npos ? text : language::to_json(*c.raw());
}

value pair_of(const named_template& x) {
  return value{value_list{value{x.name}, value{x.value.is_literal()}, value{x.value.source()}, value{x.verbatim}}};
}

std::string identity_of(const request_template& x) {
  value_list parts{value{x.method}, value{x.url_base}, value{x.path.is_literal()}, value{x.path.source()}};
  for (const auto* list : {&x.parameters, &x.headers}) {
    value_list pairs;
    for (const auto& y : *list)
      pairs.push_back(pair_of(y));
    parts.emplace_back(std::move(pairs));
  }
  value_list secrets;
  for (const auto& y : known_fields(x.credential))
    secrets.emplace_back(value_list{value{static_cast<int>(y.where)}, value{y.name}, value{y.value}});
  parts.emplace_back(std::move(secrets));
  return language::to_json(value{std::move(parts)});
}

bool same(const named_template& x, const named_template& y) {
  return x.name == y.name && x.value.is_literal() == y.value.is_literal() && x.value.source() == y.value.source();
}

bool same(const field_change& x, const field_change& y) {
  return x.what == y.what && x.path == y.path && x.as_string == y.as_string && same({{}, x.value}, {{}, y.value});
}

/// Two outputs of one endpoint print the same records under the same name.
bool same(const output& x, const output& y) {
  return x.stream_name == y.stream_name && x.record_path == y.record_path && x.require_records == y.require_records
         && std::equal(x.ancestors.begin(), x.ancestors.end(), y.ancestors.begin(), y.ancestors.end(),
                       [](const auto& a, const auto& b) { return a.name == b.name && a.from == b.from; })
         && std::equal(x.changes.begin(), x.changes.end(), y.changes.begin(), y.changes.end(),
                       [](const auto& a, const auto& b) { return same(a, b); });
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
  needs.read(e.pages.cursor_value);
  needs.read(e.pages.total);
  if (e.pages.stop_condition)
    needs.read(*e.pages.stop_condition);
  for (const auto& handler : e.errors)
    for (const auto& filter : handler.filters) {
      if (filter.predicate)
        needs.read(*filter.predicate);
      needs.read(filter.error_message);
    }
  needs.store(e);
}

class compiler {
public:
  compiler(const manifest& m, const compile_input& input) : context_{m, input} {}

  expected<plan> run() {
    const auto& input = context_.input();
    plan_.config = input.config;
    std::unordered_set<std::string_view> names;
    for (stream_index i = 0; i < input.streams.size(); ++i) {
      const auto& selected = input.streams[i];
      if (!names.insert(selected.name).second)
        return fail(errc::bad_catalog, failure_type::config_error,
                    "The configured catalogue selects the stream '" + selected.name
                      + "' twice. Nothing was read from the source; remove one of the two.");
      planned_stream planned{selected.name, selected.name_space, {}, 0, selected.incremental, selected.initial_state};
      planned.already_complete = selected.already_complete;
      const auto* definition = context_.source().find_stream(selected.name);
      if (definition != nullptr && !selected.already_complete) {
        auto at = add_stream(view<DeclarativeStream>{component_view{definition->component, definition->path}});
        if (context_.failed())
          return tl::unexpected<error>(context_.take_failure());
        select(at, i, planned);
      }
      plan_.streams.push_back(std::move(planned));
    }
    for (auto& e : plan_.endpoints)
      e.rows_output = compiling::rows_output_of(e);
    view<compiling::DeclarativeSource> source{component_view{context_.source().root, "manifest"}};
    plan_.budget = compiling::compile_budget(context_, source);
    plan_.concurrency = compiling::compile_concurrency(context_, source);
    if (context_.failed())
      return tl::unexpected<error>(context_.take_failure());
    return std::move(plan_);
  }

private:
  /// Compiles a stream and its ancestors as far as they are not there yet.
  place add_stream(const view<DeclarativeStream>& stream) {
    auto retriever = *stream[&DeclarativeStream::retriever].get();
    auto requester = *retriever[&SimpleRetriever::requester].get();
    auto link = compiling::compile_parent(context_, plan_, retriever,
                                          [this](const view<DeclarativeStream>& parent) { return add_stream(parent); });
    slice_fields slices{link ? link->partition_field : std::string{}};
    if (context_.failed())
      return {};

    endpoint e;
    e.name = stream[&DeclarativeStream::name].text();
    e.request = compiling::compile_request(context_, requester, slices);
    if (link && link->parameter)
      e.request.parameters.push_back(*link->parameter);
    if (link && link->header)
      e.request.headers.push_back(*link->header);
    e.pages = compiling::compile_pagination(context_, retriever);
    e.errors = compiling::compile_error_handlers(context_, requester);
    auto cursor = stream[&DeclarativeStream::incremental_sync].get();
    if (cursor)
      e.cursor = compiling::compile_cursor(context_, *cursor);
    if (link && link->incremental && !(cursor && plan_.endpoints[link->parent.endpoint].cursor))
      context_.refuse(*link->incremental, "needs incremental_sync in the stream and in its parent: what the parents' "
                                          "state was is kept in the stream's own state");
    auto out = compiling::compile_output(context_, stream, slices);
    if (context_.failed())
      return {};
    find_needs(e);

    std::string identity = identity_of(e.request) + identity_of(retriever[&SimpleRetriever::paginator])
                           + identity_of(requester[&compiling::HttpRequester::error_handler])
                           + identity_of(stream[&DeclarativeStream::incremental_sync]);
    if (link)
      identity += std::to_string(link->parent.endpoint) + "/" + std::to_string(link->parent.output) + "/"
                  + language::to_json(path_value(link->key)) + link->partition_field + (link->incremental ? "+" : "");
    // A cursor's windows, and pages that end by the last record, belong to one stream's records.
    if (e.cursor || e.needs_last_record || reads_page_size(e))
      identity += out.stream_name + language::to_json(path_value(out.record_path));

    auto known = std::find(identities_.begin(), identities_.end(), identity);
    const auto id = static_cast<endpoint_id>(known - identities_.begin());
    if (known == identities_.end()) {
      e.id = id;
      compiling::lay_out_slices(plan_, e, link);
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

  static bool reads_page_size(const endpoint& e) {
    return !e.pages.cursor_value.references("last_page_size").empty()
           || (e.pages.stop_condition && !e.pages.stop_condition->references("last_page_size").empty());
  }

  static value path_value(const std::vector<std::string>& path) {
    value_list result;
    for (const auto& segment : path)
      result.emplace_back(segment);
    return value{std::move(result)};
  }

  context context_;
  plan plan_;
  /// One for each endpoint.
  std::vector<std::string> identities_;
};

} // namespace

expected<plan> compile_plan(const manifest& m, const compile_input& input) {
  return compiler{m, input}.run();
}

} // namespace sluice
