#pragma once

#include "messages/credentials.hpp"
#include "messages/error.hpp"
#include "messages/slice.hpp"
#include "messages/text/header_list.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// What a slice's pages so far told of the list that they are parts of. Lists change, lose rows or lead in circles
/// while they are read; this is what shows it.
struct list_progress {
  /// Rows that the list had when the previous page was read, as the server told; -1: it did not.
  std::int64_t total = -1;
  /// Rows of the slice's largest page so far.
  std::uint64_t rows_a_page = 0;
  /// Tokens of the pages before this one, nearest last, at most `trail_length`: how far back a list can be read again
  /// without starting anew.
  std::vector<std::string> trail;
  /// Rows of the pages before this one, and what tells the rows of the nearest from others (0: nothing known).
  std::uint64_t rows_read = 0;
  std::uint64_t fingerprint = 0;
  /// The slice's first page was asked for when the second in which its window ends was over: since then rows can only
  /// leave.
  bool settled = true;
  /// How often pages were read again because the list had shrunk.
  std::uint32_t rereads = 0;
  /// How often the slice was begun anew because its pages held fewer rows than the list has, and how often it went back
  /// because a page brought the rows of the one before.
  std::uint32_t recounts = 0;
  std::uint32_t repetitions = 0;
  /// For finding circles of any length: a token met before, how many pages ago, and after how many the next is kept.
  std::string landmark;
  std::uint32_t landmark_age = 0;
  std::uint32_t landmark_span = 1;
  /// Pages in a row, up to this one, that brought nothing new: no rows, or those of the page before.
  std::uint32_t idle_pages = 0;
  /// How often the slice was begun anew because the manifest said so; the records since then, and the newest cursor
  /// value of all, microseconds since the epoch.
  std::uint32_t resets = 0;
  std::uint64_t records = 0;
  bool has_newest = false;
  std::int64_t newest_us = 0;
  /// Where the window of the requests begins since then, as the API wants it; empty: where the slice begins.
  std::string lower_text;
};

/// One HTTP request that wants to be sent: a page of a slice. It waits in the governor, nowhere else.
struct page_request {
  sluice::slice slice;
  /// 1 for the first page of the slice.
  std::uint32_t page = 1;
  /// The next-page token that the previous page gave (for SurveyMonkey: the URL in `links.next`); empty for page 1.
  std::string token;
  /// Tries of this page that failed already.
  std::uint32_t attempt = 0;
  /// Time spent on this page's failed tries, waits included, in microseconds.
  std::int64_t retrying_us = 0;
  /// How often the slice was put off after this page had failed; every round after the first has one try.
  std::uint32_t round = 0;
  /// The server refused the credential that this page was asked for with (401): it is asked for with another one.
  bool renewed = false;
  list_progress list;
};

/// Pages that can be gone back over without starting the slice anew.
inline constexpr std::size_t trail_length = 4;

/// What one answer said about the account's quota.
struct rate_feedback {
  /// HTTP status, 0 if there was no answer.
  std::int32_t status = 0;
  /// The answer was classified as RATE_LIMITED.
  bool rate_limited = false;
  /// Wait that a back-off strategy asks for before the next request of the budget, microseconds; -1 if none does.
  std::int64_t wait_us = -1;
  /// The wait that it names is longer than anybody is willing to wait: nothing is paused for it.
  bool wait_refused = false;
  /// Only the headers that the budget's policies name, plus `Retry-After` and `Date`.
  header_list headers;
};

/// How a page request ended.
enum class page_result : std::uint8_t {
  /// There is a next page: `request` asks for it.
  next_page,
  /// It was the slice's last page.
  slice_done,
  /// The same page is to be requested again after `delay_us`.
  retry,
  /// The slice failed.
  failed,
  /// The server refused the credential (401): the same page is to be requested again with another one.
  unauthorized,
};

/// Records of one stream in a batch.
struct stream_count {
  stream_index stream = 0;
  std::uint64_t records = 0;
  /// Bytes of their RECORD lines.
  std::uint64_t bytes = 0;
  /// Some of the stream's records were left out, here or before: it had enough of them (`plan::record_limit`).
  bool cut = false;
};

/// GOVERNOR to FETCHER: send this request now.
struct permit {
  page_request request;
  /// Identifies the permit in its outcome.
  std::uint64_t ticket = 0;
  /// How long the request was ready before it could go, and how much of that a rate limit was the reason, microseconds.
  std::int64_t queued_us = 0;
  std::int64_t quota_us = 0;
  /// What the request carries, if its endpoint's credential is one that expires. Has no meaning as text, as it is
  /// secret.
  credential_ptr credential{};
  /// A refusal of it (401) is answered by another one, and is no answer yet.
  bool renewable = false;
  /// Memory for the page's lines: an earlier page's, written and given back with its credit. Has no meaning as text.
  std::string buffer;
};

/// The transport to FETCHER: the answer to its request is there, or why there will be none.
struct answer_arrived {
  /// The permit's.
  std::uint64_t ticket = 0;
};

/// FETCHER to GOVERNOR: how a permit was used, and that the fetcher is idle again.
struct page_outcome {
  std::uint32_t fetcher = 0;
  std::uint64_t ticket = 0;
  page_result result = page_result::slice_done;
  /// The page that was asked for.
  std::uint32_t page = 1;
  /// The request to queue (next_page, retry), or the one that ended (slice_done, failed).
  page_request request;
  /// What failed, if it failed, also where it is tried again; and for `failed`, whether asking again would come to the
  /// same.
  sluice::error error;
  bool lasting = false;
  /// Retry only: how long to wait, in microseconds.
  std::int64_t delay_us = 0;
  rate_feedback feedback;
  /// Bytes that went to the emitter for this page.
  std::uint64_t batch_bytes = 0;
  /// Most memory that the page took while it was in the fetcher's hands.
  std::uint64_t page_bytes = 0;
  /// A `Content-Encoding` of the answer that is no coding; empty: none.
  std::string unknown_coding;
  /// Parent records sent to each of the endpoint's fan-outs, in the order of its `child_edges`; empty: none to any.
  std::vector<std::uint32_t> parent_records;
  /// Only if the run wants so many records of each stream and no more: those of the page.
  std::vector<stream_count> counts;
  /// From sending the request to the end of the answer, microseconds.
  std::int64_t took_us = 0;
  /// False if no byte of the request left this machine: nothing was counted by the server.
  bool sent = true;
};

/// What a page contributes to the bookkeeping of its slice.
struct page_receipt {
  sluice::slice slice;
  std::uint32_t page = 1;
  /// The slice is complete when this page is written.
  bool last = false;
  std::vector<stream_count> counts;
  /// Newest cursor value among the page's records, microseconds since the epoch, if any record had one.
  bool has_cursor = false;
  std::int64_t newest_us = 0;
  /// The oldest one, and whether they came in ascending order with nothing missing between this page and the one
  /// before.
  std::int64_t oldest_us = 0;
  bool ascending = false;
  /// Records of the cursor's stream that had no readable cursor value.
  std::uint64_t records_without_cursor = 0;
  /// Those whose cursor value lies outside of the slice's window.
  std::uint64_t records_outside = 0;
  /// Rows of the slice's whole list as the page tells, -1: it does not; and rows of the page.
  std::int64_t total = -1;
  std::uint64_t rows = 0;
  /// Only while messages are traced: `key_fingerprint` of each record's primary key, in the order of the lines.
  std::vector<std::uint64_t> keys;
};

/// FETCHER to EMITTER: the RECORD lines of one page. Sent for every page, also for one without records.
struct record_batch {
  page_receipt receipt;
  /// Complete lines, each ending in `\n`.
  std::string lines;
};

/// FETCHER to EMITTER: a request ended without a page: it failed, or is to be sent again. Its credit comes back in
/// turn, as a page's does: while stdout stands still, nothing is requested, whatever comes of it.
struct no_page {
  bool operator==(const no_page&) const = default;
};

/// EMITTER to STATE AGGREGATOR: the page's lines have been written to stdout.
struct page_written {
  page_receipt receipt;
};

/// GOVERNOR to STATE AGGREGATOR: a slice ended without being complete, and will not be tried again in this run.
struct slice_failed {
  sluice::slice slice;
  std::uint32_t page = 1;
  sluice::error error;
};

/// What a child needs to know of one parent record.
struct parent_record {
  /// The value of the parent key as JSON text, exactly as the record has it, e.g. `"307785415"` with its quotes.
  std::string key;
  /// `slice::extra_fields` of its slices.
  std::string extra_fields{};
  /// `slice::first_page` of its slices.
  std::string first_page{};
};

/// FETCHER to FAN-OUT: the parent records of one page. Sent for the last page even if it has none.
struct parent_batch {
  /// Index into `plan::edges`: whose parents these are.
  std::uint32_t edge = 0;
  /// The parent's slice.
  sluice::slice slice;
  std::uint32_t page = 1;
  /// The parent's slice has no further page.
  bool last = false;
  /// Pages of the slice were read again because rows had moved, so that parents may come twice for no other reason.
  bool again = false;
  std::vector<parent_record> records;
  /// Records of the page that name no child: their key is missing or null.
  std::uint64_t without_key = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_progress& x) {
  return f(x.total, x.rows_a_page, x.trail, x.rows_read, x.fingerprint, x.settled, x.rereads, x.recounts, x.repetitions,
           x.landmark, x.landmark_age, x.landmark_span, x.idle_pages, x.resets, x.records, x.has_newest, x.newest_us,
           x.lower_text);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page_request& x) {
  return f(x.slice, x.page, x.token, x.attempt, x.retrying_us, x.round, x.renewed, x.list);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, rate_feedback& x) {
  return f(x.status, x.rate_limited, x.wait_us, x.wait_refused, x.headers);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, permit& x) {
  return f(x.request, x.ticket, x.queued_us, x.quota_us, x.renewable);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, answer_arrived& x) {
  return f(x.ticket);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page_outcome& x) {
  return f(x.fetcher, x.ticket, x.result, x.page, x.request, x.error, x.lasting, x.delay_us, x.feedback, x.batch_bytes,
           x.page_bytes, x.unknown_coding, x.parent_records, x.counts, x.took_us, x.sent);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stream_count& x) {
  return f(x.stream, x.records, x.bytes, x.cut);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page_receipt& x) {
  return f(x.slice, x.page, x.last, x.counts, x.has_cursor, x.newest_us, x.oldest_us, x.ascending,
           x.records_without_cursor, x.records_outside, x.total, x.rows, x.keys);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, record_batch& x) {
  return f(x.receipt, x.lines);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, no_page&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page_written& x) {
  return f(x.receipt);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slice_failed& x) {
  return f(x.slice, x.page, x.error);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, parent_record& x) {
  return f(x.key, x.extra_fields, x.first_page);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, parent_batch& x) {
  return f(x.edge, x.slice, x.page, x.last, x.again, x.records, x.without_key);
}

} // namespace sluice
