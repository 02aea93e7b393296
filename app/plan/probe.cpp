#include "app/plan/probe.hpp"

#include "actors/core/auth/login.hpp"
#include "actors/core/last_words.hpp"
#include "actors/core/pages/page_reader.hpp"
#include "actors/core/slices/parent_intake.hpp"
#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/partition_product.hpp"
#include "actors/core/slices/slice_window.hpp"
#include "actors/core/state/partition_past.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sluice {

namespace {

/// A failure says what a run would do about it at last; it is not tried again. A list is taken as its first page shows
/// it.
retry_limits no_retries() {
  retry_limits limits;
  limits.max_retries = 0;
  limits.max_retry_time = std::chrono::microseconds{0};
  limits.accept_missing_rows = true;
  limits.purpose = request_purpose::probe;
  return limits;
}

class prober {
public:
  explicit prober(const probe_setup& setup)
    : setup_(setup), plan_(*setup.plan), session_(setup.transport->open_session()), reader_(setup.plan, no_retries()),
      parents_(plan_.endpoints.size()), ends_(setup.now() + setup.longest) {}

  probe_result run() {
    for (const auto& e : plan_.endpoints) {
      result_.endpoints.emplace_back();
      auto& found = result_.endpoints.back();
      found.families.resize(e.child_edges.size());
      if (over_) {
        found.problem = "the probe ended before it";
        continue;
      }
      auto s = e.slices.has_parents() ? slice_of_child(e) : slice_of_root(e, found);
      if (!s)
        continue;
      found.label = s->label;
      if (auto asked = ask(e, std::move(*s), found); !asked) {
        found.problem = "the probe failed";
        over_ = over_ || asked.error().failure == failure_type::config_error;
        result_.problems.push_back(asked.error());
      }
    }
    if (answers_ > 0)
      result_.mean_answer = spent_ / answers_;
    return std::move(result_);
  }

private:
  std::optional<slice> slice_of_root(const endpoint& e, endpoint_probe& found) const {
    const auto& windows = setup_.windows[e.id];
    if (windows.empty())
      return std::nullopt;
    slice s;
    s.endpoint = e.id;
    s.id = 1;
    s.label = e.name;
    if (!e.cursor) {
      found.of_all_slices = !e.slices.has_partitions();
      add_known_partition(e, s);
      return s;
    }
    auto window = windows.back();
    if (e.slices.has_partitions()) {
      add_known_partition(e, s);
      set_window(s, *e.cursor, window);
      return s;
    }
    // A list that tells its total tells that of every slice, if it is asked for all of them at once. Holes between the
    // windows have been read.
    const bool whole = !e.pages.total.source().empty() && windows.gapless();
    if (whole)
      window.lower = windows.front().lower;
    found.of_all_slices = whole || windows.size() == 1;
    set_window(s, *e.cursor, window);
    return s;
  }

  /// The first partition of an endpoint with lists alone.
  static void add_known_partition(const endpoint& e, slice& s) {
    partition_product known{e.slices};
    known.begin();
    if (!known.has_next())
      return;
    auto first = known.next();
    s.partition = std::move(first.partition);
    s.extra_fields = std::move(first.extra_fields);
    s.label += partition_label(s.partition);
  }

  std::optional<slice> slice_of_child(const endpoint& e) {
    auto made = makers_.find(e.id);
    if (made == makers_.end())
      return parents_[e.id];
    constexpr std::uint64_t most = 1000;
    auto& [intake, source] = made->second;
    for (auto edge : e.slices.feeding_edges())
      intake.end(edge, true, source);
    auto slices = source.take(most).slices;
    return slices.empty() ? std::nullopt : std::optional{std::move(slices[slices.size() / 2])};
  }

  /// Gives a parent's records to what makes the partitions of an endpoint of several factors.
  void give_parents(const endpoint& e, parent_batch batch) {
    auto found = makers_.find(e.id);
    if (found == makers_.end()) {
      const auto& past = setup_.pasts[batch.edge];
      found = makers_
                .try_emplace(e.id, parent_intake{setup_.plan, e.id, 1000},
                             slice_source::of_partitions(setup_.plan, e.id, past))
                .first;
      found->second.first.begin(found->second.second);
    }
    found->second.first.take(std::move(batch), found->second.second);
  }

  expected<void> ask(const endpoint& e, slice s, endpoint_probe& found) {
    page_request request;
    request.slice = std::move(s);
    auto credential = credential_of(e);
    if (!credential)
      return tl::unexpected(credential.error());
    auto built = build_request(plan_, e, request, credential->get());
    if (!built)
      return tl::unexpected(built.error());
    auto claim = setup_.quota->match(built->method, built->url, built->headers);
    for (auto at = setup_.quota->earliest(claim, setup_.now()); at > setup_.now();
         at = setup_.quota->earliest(claim, setup_.now())) {
      if (at == steady_time::max()) {
        over_ = true;
        return fail(errc::quota_exhausted, failure_type::transient_error,
                    "A quota that ends a run is used up, so nothing more was asked for.");
      }
      if (at > ends_) {
        over_ = true;
        return fail(errc::quota_exhausted, failure_type::transient_error,
                    "The quota has room again in "
                      + human_duration(std::chrono::duration_cast<std::chrono::microseconds>(at - setup_.now()))
                      + "; the probe does not wait so long, so nothing more was asked for.");
      }
      setup_.wait_until(at);
    }
    if (setup_.now() > ends_) {
      over_ = true;
      return fail(errc::timed_out, failure_type::transient_error,
                  "The probe's time of " + human_duration(setup_.longest) + " is over, so nothing more was asked for.");
    }
    const auto ticket = setup_.quota->acquire(claim, setup_.now());
    const auto began = setup_.now();
    net::request call{built->method, built->url, std::move(built->headers), std::move(built->body)};
    auto answer = session_->send(call);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(setup_.now() - began);
    rate_feedback feedback;
    if (!answer) {
      result_.sent += answer.error().sent ? 1 : 0;
      setup_.quota->finish(ticket, feedback, answer.error().sent, setup_.now(), setup_.wall());
      return tl::unexpected(reader_.read_failure(std::move(request), answer.error().error, call.url).outcome.error);
    }
    ++result_.sent;
    ++answers_;
    spent_ += took;
    feedback.status = answer->status;
    for (const auto& [name, value] : answer->headers)
      feedback.headers.push_back({name, value});
    auto reading = reader_.read_answer(std::move(request),
                                       {answer->status, answer->headers, answer->body,
                                        answer->url.empty() ? call.url : answer->url, nullptr, false, took},
                                       setup_.wall());
    reader_.release();
    if (reading.rate_limited) {
      feedback.rate_limited = true;
      over_ = true;
    }
    setup_.quota->finish(ticket, feedback, true, setup_.now(), setup_.wall());
    return take(e, std::move(reading), found);
  }

  /// Logs in where the endpoint's credential expires, once for each credential; null: it does not.
  expected<credential_ptr> credential_of(const endpoint& e) {
    const auto* expiring = std::get_if<expiring_credential>(&e.request.credential);
    if (expiring == nullptr)
      return nullptr;
    const auto known = credentials_.find(expiring->id);
    if (known != credentials_.end())
      return known->second;
    auto got = log_in(expiring->id);
    return credentials_.emplace(expiring->id, std::move(got)).first->second;
  }

  expected<credential_ptr> log_in(credential_id id) {
    login dialog{setup_.plan, id, no_retries()};
    setup_.secrets->add(dialog.known_secrets());
    credential_wanted wanted;
    if (const auto* session = std::get_if<session_login>(&plan_.credentials[id].how)) {
      auto carried = credential_of(*session->login);
      if (!carried)
        return carried;
      wanted.with = *carried;
    }
    auto step = dialog.begin(wanted, setup_.wall());
    while (auto* request = std::get_if<built_request>(&step)) {
      if (changes_config(plan_.credentials[id]))
        return fail(
          errc::bad_config, failure_type::config_error,
          "The access token of the configuration has ended, and another one would replace its refresh token: a "
          "probe changes no configuration, so nothing was asked for. `check` or `read` do it.");
      const auto began = setup_.now();
      const auto url = request->url;
      auto answer = session_->send({request->method, url, std::move(request->headers), std::move(request->body)});
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(setup_.now() - began);
      ++result_.sent;
      step = answer ? dialog.hear({answer->status, std::move(answer->headers), std::move(answer->body),
                                   answer->url.empty() ? url : answer->url, took},
                                  setup_.wall())
                    : dialog.hear(answer.error().error, took);
    }
    if (auto* failed = std::get_if<login_failure>(&step))
      return tl::unexpected(std::move(failed->error));
    auto& got = std::get<login_answer>(step);
    setup_.secrets->add(got.secrets);
    return std::make_shared<const issued_credential>(issued_credential{1, std::move(got.fields)});
  }

  expected<void> take(const endpoint& e, page_reading reading, endpoint_probe& found) {
    const auto& outcome = reading.outcome;
    if (!reading.batch)
      return tl::unexpected(outcome.error);
    found.answered = true;
    found.rows = reading.records;
    found.total = reading.batch->receipt.total;
    found.has_next = outcome.result == page_result::next_page;
    for (auto& batch : reading.parents) {
      const auto at = std::find(e.child_edges.begin(), e.child_edges.end(), batch.edge) - e.child_edges.begin();
      found.families[static_cast<std::size_t>(at)] = take_parents(batch);
    }
    return {};
  }

  /// Counts the slices of a page's parents, and chooses the one that the child is asked for: of those that are not read
  /// yet, the one in the middle, because lists often begin or end with special records.
  endpoint_probe::family take_parents(parent_batch& batch) {
    const auto& edge = plan_.edges[batch.edge];
    const auto& e = plan_.endpoints[edge.child];
    const auto& past = *setup_.pasts[batch.edge];
    endpoint_probe::family family;
    const auto& factors = e.slices.factors;
    const auto makers
      = std::count_if(factors.begin(), factors.end(), [](const auto& x) { return !origins_of(x).empty(); });
    if (makers > 1 || !std::holds_alternative<parent_records>(factors.front()))
      give_parents(e, batch);
    std::vector<slice> samples;
    for (auto& record : batch.records) {
      ++family.parents;
      slice s;
      s.endpoint = e.id;
      s.id = 1;
      s.parent_id = batch.slice.parent_id;
      s.partition = make_partition(edge.partition_field, record.key, batch.slice.partition);
      s.extra_fields = std::move(record.extra_fields);
      s.label = e.name + partition_label(s.partition);
      if (past.nothing_left(s.partition))
        continue;
      if (auto windows = past.windows(s.partition)) {
        family.slices += windows->size();
        if (windows->empty())
          continue;
        set_window(s, *e.cursor, windows->back());
      } else {
        ++family.slices;
      }
      samples.push_back(std::move(s));
    }
    if (!samples.empty())
      parents_[e.id] = std::move(samples[samples.size() / 2]);
    return family;
  }

  const probe_setup& setup_;
  const plan& plan_;
  std::unique_ptr<net::http_session> session_;
  page_reader reader_;
  /// By child endpoint: the slice to ask for.
  std::vector<std::optional<slice>> parents_;
  /// What makes the slices of endpoints of several factors, fed with the pages that were read.
  std::map<endpoint_id, std::pair<parent_intake, slice_source>> makers_;
  /// That were obtained, or could not be.
  std::map<credential_id, expected<credential_ptr>> credentials_;
  probe_result result_;
  std::chrono::microseconds spent_{0};
  std::int64_t answers_ = 0;
  steady_time ends_;
  bool over_ = false;
};

} // namespace

probe_result probe_plan(const probe_setup& setup) {
  return prober{setup}.run();
}

expected<built_request> sample_request(const plan& p, const endpoint& e) {
  page_request request;
  request.slice.endpoint = e.id;
  request.slice.partition = sample_partition(p, e);
  if (e.cursor)
    set_window(request.slice, *e.cursor, {e.cursor->start, e.cursor->end, false});
  return build_shape(p, e, request);
}

} // namespace sluice
