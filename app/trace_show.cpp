#include "app/commands.hpp"

#include "actors/support/line_writer.hpp"
#include "app/terminal.hpp"
#include "app/trace/reader.hpp"
#include "app/trace/views.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice {

namespace {

/// The terminal's width, `COLUMNS` where stdout is none (`| less`), else that of the terminal behind stderr.
std::size_t output_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  std::string_view text = std::getenv("COLUMNS") != nullptr ? std::getenv("COLUMNS") : "";
  std::size_t columns = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), columns);
  if (read.ec == std::errc{} && columns >= 40 && columns <= 1000)
    return columns;
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : trace::view_options{}.width;
}

int write_page(const trace::model& m, const command_line& cl) {
  auto page = trace::html_view(m, std::filesystem::path{cl.trace_file}.filename().string());
  int fd = ::open(cl.trace_html.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  struct stat kind {};
  // A file that was there before keeps its mode.
  bool written = fd >= 0 && ::fstat(fd, &kind) == 0 && (!S_ISREG(kind.st_mode) || ::fchmod(fd, 0600) == 0)
                 && fd_line_writer{fd}.write(page).has_value();
  auto problem = errno;
  if (fd >= 0)
    ::close(fd);
  if (!written) {
    std::fprintf(stderr, "sluice: the page %s cannot be written: %s\n", cl.trace_html.c_str(), std::strerror(problem));
    return 1;
  }
  std::printf("Wrote %s: open it in a browser.\n", cl.trace_html.c_str());
  return 0;
}

trace::answer view_of(const trace::model& m, const command_line& cl) {
  trace::view_options o;
  o.whole_lines = ::isatty(STDOUT_FILENO) != 1 && std::getenv("COLUMNS") == nullptr;
  o.utf8 = screen_of(STDOUT_FILENO).utf8;
  o.width = output_width();
  o.colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  if (!cl.trace_slice.empty())
    switch (cl.trace_as) {
      case trace_form::table:
        return trace::table_view(m, cl.trace_slice, o);
      case trace_form::sequence:
        return trace::sequence_view(m, cl.trace_slice, o);
      case trace_form::mermaid:
        return trace::mermaid_view(m, cl.trace_slice);
    }
  if (cl.trace_slowest > 0)
    return {trace::slowest_view(m, cl.trace_slowest, o)};
  if (cl.trace_gantt)
    return {trace::gantt_view(m, cl.trace_rows, o)};
  return cl.trace_record.empty() ? trace::answer{trace::actors_view(m, o)} : trace::why_view(m, cl.trace_record, o);
}

} // namespace

int run_trace_show(const command_line& cl) {
  auto model = trace::load_trace(cl.trace_file);
  if (!model) {
    std::fprintf(stderr, "sluice: %s\n", model.error().message.c_str());
    return 1;
  }
  if (!cl.trace_html.empty())
    return write_page(*model, cl);
  auto view = view_of(*model, cl);
  if (!view.found) {
    std::fputs(view.text.c_str(), stderr);
    return 1;
  }
  return written_or_told(fd_line_writer{STDOUT_FILENO}.write(view.text)) ? 0 : 1;
}

} // namespace sluice
