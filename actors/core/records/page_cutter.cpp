#include "actors/core/records/page_cutter.hpp"

#include "actors/core/decode/page_index.hpp"
#include "actors/core/pages/list_rows.hpp"
#include "actors/core/records/field_changes.hpp"
#include "actors/core/records/record_path.hpp"
#include "actors/core/state/cursor.hpp"
#include "messages/fingerprint.hpp"
#include "messages/protocol.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

tl::unexpected<error> invalid_page(const json_problem& problem, std::string_view body) {
  constexpr std::size_t shown = 40;
  auto from = std::min(problem.offset, body.size());
  from -= std::min(from, shown / 2);
  return fail(errc::bad_page, failure_type::transient_error,
              "The answer is not valid JSON: the body " + problem.what + " (byte " + std::to_string(problem.offset)
                + " of " + std::to_string(body.size()) + "). No record of this page was taken.",
              "near: " + json_string(body.substr(from, shown)));
}

/// What a page takes in memory, and may take.
struct page_costs {
  std::size_t limit = 0;
  /// The body, its index and the parents.
  std::size_t held = 0;
  /// For what templates decode of the page, and of each of its records.
  std::shared_ptr<language::memory_budget> response = std::make_shared<language::memory_budget>(0);
  std::shared_ptr<language::memory_budget> record = std::make_shared<language::memory_budget>(0);

  std::size_t left(std::size_t lines) const noexcept {
    return limit - std::min(limit, held + lines + response->taken());
  }
};

error too_much_memory(const page_costs& costs, const std::string& what) {
  return {errc::body_too_large,
          failure_type::config_error,
          what + " would take more than " + std::to_string(costs.limit >> 20)
            + " MiB of memory, which is the bound for a page of this size. No record of this page was taken. Ask for "
              "smaller pages, or raise http.max_body_bytes.",
          {}};
}

/// Roughly what a parent record takes, besides its key's text.
constexpr std::size_t parent_bytes = sizeof(parent_record) + 32;

/// Cuts one output's records.
class output_cut final : public record_walk::visitor {
public:
  struct wanted_field {
    explicit wanted_field(const std::vector<std::string>& where) : path(&where), name(where.front()) {}

    const std::vector<std::string>* path;
    /// The path's first key.
    std::string_view name;
    std::string_view text;
  };

  output_cut(const plan& p, const endpoint& e, const slice& s, std::uint32_t index, const page_index& page,
             page_costs& costs, cut_page& out, bool with_keys)
    : endpoint_(e), index_(index), output_(e.outputs[index]), page_(page), costs_(costs), out_(out),
      changer_(output_, p, s, costs.record), walk_(output_, page, *this) {
    // The parents' state of an incremental dependency moves with windows that nobody prints, too.
    bool moves_child = std::any_of(e.child_edges.begin(), e.child_edges.end(),
                                   [&p](std::uint32_t edge) { return p.edges[edge].incremental; });
    if (e.cursor && e.cursor->output == index && (!s.children_only || moves_child)) {
      cursor_path_ = {e.cursor->cursor_field};
      fields_.emplace_back(cursor_path_);
    }
    for (std::size_t i = 0; i < e.child_edges.size(); ++i) {
      const auto& child = p.edges[e.child_edges[i]];
      if (child.parent_output == index) {
        edges_.push_back(i);
        fields_.emplace_back(child.parent_key);
      }
    }
    if (with_keys) {
      for (const auto& path : output_.primary_key) {
        key_.emplace_back(path);
      }
      stream_fingerprint_ = key_fingerprint_of_stream(output_.stream_name);
    }
  }

  /// `prefix` and `suffix` make a RECORD line around a record; an empty prefix prints none.
  expected<std::uint64_t> run(std::string_view prefix, std::string_view suffix) {
    prefix_ = prefix;
    suffix_ = suffix;
    auto problem = walk_.run();
    if (error_) {
      return tl::unexpected(std::move(*error_));
    }
    if (problem) {
      return fail(errc::bad_page, failure_type::system_error,
                  "The answer does not look as stream `" + output_.stream_name + "` expects: " + *problem
                    + ". No record of this page was taken.");
    }
    return count_;
  }

  page_rows rows() const { return {count_, first_, last_}; }

private:
  bool record(page_index::token t) override {
    ++count_;
    last_ = page_.value_text(t);
    auto text = last_;
    if (changer_.idle()) {
      find_fields(t);
    } else {
      costs_.record->begin_anew(costs_.left(out_.lines.size()));
      auto changed = changer_.apply(text, walk_.ancestors());
      if (costs_.record->refused()) {
        error_ = too_much_memory(costs_, walk_.position() + ", decoded for the templates that change it,");
        return false;
      }
      if (!changed) {
        return stop(std::move(changed.error()), "cannot be changed as the manifest says");
      }
      text = *changed;
      for (auto& f : fields_) {
        f.text = json::find_path(text, *f.path);
      }
    }
    if (count_ == 1) {
      first_ = last_;
      make_room(text);
    }
    take_fields();
    if (!key_.empty()) {
      take_key(t, text);
    }
    const auto line = prefix_.empty() ? 0 : prefix_.size() + text.size() + suffix_.size();
    if (costs_.left(out_.lines.size()) == 0 || !grow_lines(line)) {
      error_ = too_much_memory(costs_, "The page, with what stream `" + output_.stream_name + "` makes of it up to "
                                         + walk_.position() + ",");
      return false;
    }
    if (line > 0) {
      out_.lines += prefix_;
      out_.lines += text;
      out_.lines += suffix_;
    }
    if (index_ == 0 && endpoint_.needs_last_record) {
      out_.last_record = text;
    }
    return true;
  }

  /// Room for another line. False if there may be none: for a moment the lines are there twice.
  bool grow_lines(std::size_t bytes) {
    const auto size = out_.lines.size();
    if (size + bytes <= out_.lines.capacity()) {
      return true;
    }
    const auto room = costs_.left(0);
    if (std::max(2 * size, size + bytes) > room) {
      return false;
    }
    std::string larger;
    larger.reserve(std::min(room, std::max(2 * size, size + bytes)));
    larger += out_.lines;
    out_.lines = std::move(larger);
    return true;
  }

  /// For the lines of all records, should they be like the first one: much of a small record's line is its envelope.
  void make_room(std::string_view first) {
    if (!prefix_.empty()) {
      auto page = page_.text().size();
      auto lines = page / (last_.size() + 1) + 1;
      auto bytes = lines * (prefix_.size() + first.size() + suffix_.size());
      // In steps, so that the next page, which is a little larger, fits into the same memory; and not by `reserve` on
      // the old memory, which would double it.
      constexpr std::size_t step = std::size_t{128} << 10;
      auto wanted = out_.lines.size() + std::min(bytes + bytes / 16, 4 * page);
      if (wanted > out_.lines.capacity()) {
        std::string larger;
        larger.reserve(wanted < step ? wanted : (wanted + step - 1) / step * step);
        larger += out_.lines;
        out_.lines = std::move(larger);
      }
    }
  }

  /// Finds the wanted fields of the record at `t`.
  void find_fields(page_index::token t) {
    if (fields_.empty()) {
      return;
    }
    for (auto& f : fields_) {
      f.text = {};
    }
    page_.each_field(t, [&](std::string_view key, page_index::token value) {
      for (auto& f : fields_) {
        if (json::key_equals(key, f.name)) {
          f.text = json::find_path(page_.value_text(value), *f.path, 1);
        }
      }
      return true;
    });
  }

  void take_fields() {
    auto field = fields_.begin();
    if (!cursor_path_.empty()) {
      take_cursor(field++->text);
    }
    for (auto edge : edges_) {
      take_parent(edge, field++->text);
    }
  }

  /// Keys come first in most records: the rest of the record is not looked at.
  void take_key(page_index::token t, std::string_view text) {
    if (changer_.idle()) {
      auto missing = key_.size();
      for (auto& part : key_) {
        part.text = {};
      }
      page_.each_field(t, [&](std::string_view name, page_index::token value) {
        for (auto& part : key_) {
          if (part.text.empty() && json::key_equals(name, part.name)) {
            part.text = json::find_path(page_.value_text(value), *part.path, 1);
            --missing;
          }
        }
        return missing > 0;
      });
    } else {
      for (auto& part : key_) {
        part.text = json::find_path(text, *part.path);
      }
    }
    auto fingerprint = add_to_fingerprint(stream_fingerprint_, key_.front().text);
    for (std::size_t i = 1; i < key_.size(); ++i) {
      fingerprint = add_to_fingerprint(add_to_fingerprint(fingerprint, ","), key_[i].text);
    }
    out_.keys.push_back(fingerprint);
  }

  void take_cursor(std::string_view text) {
    auto value = text.empty() ? std::nullopt : parse_record_cursor(*endpoint_.cursor, text);
    if (!value) {
      ++out_.records_without_cursor;
      out_.ascending = false;
      return;
    }
    auto us = static_cast<std::int64_t>(value->time_since_epoch().count());
    out_.ascending = out_.ascending && (!out_.has_cursor || us >= out_.newest_us);
    out_.newest_us = out_.has_cursor ? std::max(out_.newest_us, us) : us;
    out_.oldest_us = out_.has_cursor ? std::min(out_.oldest_us, us) : us;
    out_.has_cursor = true;
  }

  /// As in the reference, any value but null makes a child slice, also an empty text, a list or an object.
  void take_parent(std::size_t edge_index, std::string_view text) {
    if (text.empty() || text == "null") {
      ++out_.without_key[edge_index];
      return;
    }
    out_.parents[edge_index].push_back({std::string{text}});
    costs_.held += parent_bytes + text.size();
  }

  bool stop(error cause, std::string_view what) {
    cause.message = "Stream `" + output_.stream_name + "`, " + walk_.position() + ": it " + std::string{what} + ": "
                    + cause.message + ". No record of this page was taken.";
    error_ = std::move(cause);
    return false;
  }

  const endpoint& endpoint_;
  std::uint32_t index_;
  const output& output_;
  const page_index& page_;
  page_costs& costs_;
  cut_page& out_;
  field_changer changer_;
  record_walk walk_;
  std::vector<std::string> cursor_path_;
  /// The cursor's field, if there is one, then the keys of `edges_`.
  std::vector<wanted_field> fields_;
  /// Indices into the endpoint's `child_edges`.
  std::vector<std::size_t> edges_;
  /// The parts of the primary key, if it is wanted.
  std::vector<wanted_field> key_;
  std::uint64_t stream_fingerprint_ = 0;
  std::string_view prefix_;
  std::string_view suffix_;
  std::uint64_t count_ = 0;
  /// Their text as it stands in the page.
  std::string_view first_;
  std::string_view last_;
  std::optional<error> error_;
};

} // namespace

struct page_cutter::impl {
  plan_ptr the_plan;
  std::size_t max_body = 0;
  page_index page;
  page_costs costs;
  /// What comes before the data in a stream's lines; made when first needed.
  std::vector<std::string> prefixes;
  bool with_keys = false;

  expected<void> read(std::string& body) {
    // Many servers send one, and every decoder skips it.
    if (constexpr std::string_view mark = "\xEF\xBB\xBF"; body.starts_with(mark)) {
      body.erase(0, mark.size());
    }
    if (auto problem = page.read(body)) {
      page.release();
      costs = {};
      costs.held = body.capacity();
      return invalid_page(*problem, body);
    }
    costs = {};
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

page_cutter::page_cutter(plan_ptr plan, std::uint64_t max_body_bytes) : impl_(std::make_unique<impl>()) {
  impl_->the_plan = std::move(plan);
  impl_->max_body = static_cast<std::size_t>(max_body_bytes);
}
page_cutter::~page_cutter() = default;

void page_cutter::collect_keys(bool on) {
  impl_->with_keys = on;
}

expected<language::value> page_cutter::read_response(const endpoint& e, std::string& body) {
  if (auto ok = impl_->read(body); !ok) {
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
    if (auto ok = impl_->read(body); !ok) {
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
    auto count = cut_one.run(emits(o) ? std::string_view{impl_->prefix(o)} : std::string_view{}, suffix);
    if (!count) {
      return tl::unexpected(std::move(count.error()));
    }
    if (emits(o)) {
      result.counts.push_back({o.stream, *count, result.lines.size() - bytes_before});
    }
    if (i == 0) {
      result.records = *count;
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
