#pragma once

#include "actors/support/line_writer.hpp"
#include "app/text/lines.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// True if `fd` is a terminal in which one can draw: TERM is not `dumb`.
bool can_draw_on(int fd);

/// The terminal behind `fd` as it is now. Its size comes from the terminal, else from COLUMNS and LINES, else it is 80
/// by 24; UTF-8 from the locale (LC_ALL, LC_CTYPE, LANG); colours only where one can draw, and not if NO_COLOR is set
/// to anything but nothing (no-color.org).
screen screen_of(int fd);

/// Columns for a help text on `fd`: those of a terminal, no more than a page has; 80 elsewhere.
std::size_t help_width(int fd);

/// True if a few lines can be written to `fd` now without waiting: its reader reads, its terminal scrolls.
bool takes_lines(int fd);

/// How long a pipe that nobody reads may hold up what is printed for people.
inline constexpr std::chrono::milliseconds patience_with_reader{3000};

/// Writes `text` to `fd`. A terminal is waited for: whoever has stopped it will let it go on. Anything else at most
/// `patience` at a time; what it does not take by then is lost.
void print_patiently(int fd, std::string_view text, std::chrono::milliseconds patience = patience_with_reader);

/// True if a text for stdout was written. If not, stderr is told why, unless its reader went away.
bool written_or_told(const expected<void>& written);

/// A block of lines at the bottom of a terminal that is painted over again and again, while others print lines above
/// it. Thread-safe; all methods but `give_way` wait for a terminal that does not scroll.
///
/// Between two paintings the cursor rests at the start of the block's first line. Whatever a change of the window's
/// size makes of the lines below, by wrapping or by cutting them, one code erases it all: unless so many lines wrap
/// that the first ones scroll out of the window, which nobody can take back. Lines that leave some columns free avoid
/// that.
class live_block {
public:
  explicit live_block(int fd) : fd_(fd) {}
  ~live_block() { erase(); }
  live_block(const live_block&) = delete;
  live_block& operator=(const live_block&) = delete;

  /// Paints these lines in place of what stands there. Each must be narrower than the terminal, and they must be fewer
  /// than its rows.
  void show(std::vector<std::string> lines);
  void erase();
  /// Prints whole lines, and the block again below them.
  void print_above(std::string_view text);
  /// For who writes to the terminal without waiting for anything: what to write first. The block is gone then, until
  /// it is shown again.
  std::string give_way(std::chrono::milliseconds patience);
  /// Writes whole lines to what shows them on the same terminal; the block comes back with the next `show`.
  expected<void> write_beside(line_writer& out, std::string_view text);

private:
  std::string painted() const;
  void write(const std::string& text) const;
  std::string cleared();

  const int fd_;
  std::timed_mutex mutex_;
  std::vector<std::string> lines_;
};

/// stdout, where it is the terminal on which a block is shown.
class writer_beside_block final : public line_writer {
public:
  writer_beside_block(std::shared_ptr<line_writer> out, std::shared_ptr<live_block> block)
    : out_(std::move(out)), block_(std::move(block)) {}
  expected<void> write(std::string_view text) override { return block_->write_beside(*out_, text); }

private:
  std::shared_ptr<line_writer> out_;
  std::shared_ptr<live_block> block_;
};

} // namespace sluice
