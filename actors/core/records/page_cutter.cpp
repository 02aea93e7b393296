#include "actors/core/records/page_cutter.hpp"

#include "actors/core/decode/decoder.hpp"
#include "actors/core/decode/page_index.hpp"
#include "actors/core/pages/list_rows.hpp"
#include "actors/core/records/output_cut.hpp"
#include "actors/core/records/page_memory.hpp"
#include "messages/protocol.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

namespace {

tl::unexpected<error> invalid_page(const json_problem& problem, std::string_view body) {
  constexpr std::size_t shown = 40;
  auto from = std::min(problem.offset, body.size());
  from -= std::min(from, shown / 2);
  return fail(errc::bad_page, failure_type::transient_error,
              "The answer is not valid JSON: the body " + problem.what
                + (problem.other_encoding ? "; ask the server for UTF-8 (a request header can)" : "") + " (byte "
                + std::to_string(problem.offset) + " of " + std::to_string(body.size())
                + "). No record of this page was taken.",
              "near: " + json_string(body.substr(from, shown)));
}

} // namespace

struct page_cutter::impl {
  explicit impl(std::shared_ptr<index_memory_store> store) : page(std::move(store)) {}

  plan_ptr the_plan;
  std::size_t max_body = 0;
  page_index page;
  page_costs costs;
  /// What comes before the data in a stream's lines; made when first needed.
  std::vector<std::string> prefixes;
  bool with_keys = false;

  expected<void> read(const decoder& how, std::string& body) {
    page.release();
    costs = {};
    if (auto decoded = decode_body(how, body, max_body); !decoded) {
      costs.held = body.capacity();
      return decoded;
    }
    if (auto problem = page.read(body)) {
      costs.held = body.capacity();
      return invalid_page(*problem, body);
    }
    costs.limit = max_page_memory(body.size(), max_body);
    costs.held = body.capacity() + page.bytes();
    costs.response = std::make_shared<language::memory_budget>(costs.left(0));
    return {};
  }

  const std::string& prefix(const output& o) {
    prefixes.resize(std::max<std::size_t>(prefixes.size(), o.stream + std::size_t{1}));
    auto& text = prefixes[o.stream];
    if (text.empty()) {
      const auto& streams = the_plan->streams;
      text = record_prefix({o.stream_name, o.stream < streams.size() ? streams[o.stream].name_space : std::string{}});
    }
    return text;
  }
};

page_cutter::page_cutter(plan_ptr plan, std::uint64_t max_body_bytes, std::shared_ptr<index_memory_store> store)
  : impl_(std::make_unique<impl>(std::move(store))) {
  impl_->the_plan = std::move(plan);
  impl_->max_body = static_cast<std::size_t>(max_body_bytes);
}
page_cutter::~page_cutter() = default;

void page_cutter::collect_keys(bool on) {
  impl_->with_keys = on;
}

expected<language::value> page_cutter::read_response(const endpoint& e, std::string& body) {
  if (auto ok = impl_->read(e.decoder, body); !ok) {
    return tl::unexpected(std::move(ok.error()));
  }
  const auto& page = impl_->page;
  const auto& budget = impl_->costs.response;
  if (e.needs_whole_response) {
    return language::json_in_place(page.value_text(0), budget);
  }
  std::vector<std::string_view> found(e.response_keys.size());
  if (page.kind(0) == '{' && !found.empty()) {
    page.each_field(0, [&](std::string_view key, page_index::token t) {
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (json::key_equals(key, e.response_keys[i])) {
          found[i] = page.value_text(t);
        }
      }
      return true;
    });
  }
  language::value_dict response;
  response.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].empty()) {
      response.emplace_back(e.response_keys[i], language::json_in_place(found[i], budget));
    }
  }
  return language::value{std::move(response)};
}

language::value page_cutter::paging_response(const language::value& response) const {
  const auto& page = impl_->page;
  if (page.text().empty() || page.kind(0) != '[') {
    return response;
  }
  language::value result{language::value_dict{}};
  page.each_element(0, [&](page_index::token first) {
    result = language::json_in_place(page.value_text(first), impl_->costs.response);
    return false;
  });
  return result;
}

std::optional<error> page_cutter::refusal() const {
  if (!impl_->costs.response->refused()) {
    return std::nullopt;
  }
  return too_much_memory(impl_->costs, "The part of the answer that the manifest's templates read");
}

std::size_t page_cutter::memory() const noexcept {
  return impl_->costs.held + impl_->costs.response->taken();
}

void page_cutter::release() {
  impl_->page.release();
  impl_->costs = {};
}

cut_page page_cutter::cut_nothing(const endpoint& e, const slice& s) const {
  cut_page result;
  result.parents.resize(e.child_edges.size());
  result.without_key.resize(e.child_edges.size());
  for (const auto& o : e.outputs) {
    if (o.emit && !s.children_only) {
      result.counts.push_back({o.stream, 0, 0});
    }
  }
  return result;
}

expected<cut_page> page_cutter::cut(const endpoint& e, const slice& s, std::string& body, std::int64_t emitted_at_ms,
                                    std::string buffer) {
  if (!impl_->page.is_of(body)) {
    if (auto ok = impl_->read(e.decoder, body); !ok) {
      return tl::unexpected(std::move(ok.error()));
    }
  }
  cut_page result;
  result.parents.resize(e.child_edges.size());
  result.without_key.resize(e.child_edges.size());
  result.lines = std::move(buffer);
  result.lines.clear();
  auto emits = [&](const output& o) { return o.emit && !s.children_only; };
  auto suffix = record_suffix(emitted_at_ms);
  auto rows = rows_beside_outputs(e, impl_->page);
  for (std::uint32_t i = 0; i < e.outputs.size(); ++i) {
    const auto& o = e.outputs[i];
    const auto bytes_before = result.lines.size();
    output_cut cut_one{*impl_->the_plan, e, s, i, impl_->page, impl_->costs, result, impl_->with_keys && emits(o)};
    auto done = cut_one.run(emits(o) ? std::string_view{impl_->prefix(o)} : std::string_view{}, suffix);
    if (!done) {
      return tl::unexpected(std::move(done.error()));
    }
    if (emits(o)) {
      result.counts.push_back({o.stream, cut_one.wanted(), result.lines.size() - bytes_before});
    }
    if (i == 0) {
      result.records = cut_one.records();
      result.extracted = cut_one.extracted();
    }
    if (!rows && i == e.rows_output.value_or(0)) {
      rows = cut_one.rows();
    }
  }
  result.rows = rows ? rows->count : 0;
  result.fingerprint = rows ? rows->fingerprint() : 0;
  impl_->costs.held += result.lines.size();
  return result;
}

} // namespace sluice
