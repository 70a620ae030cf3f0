-- What Pandoc has no element for: exhibits with their captions and notes, links from numbers to
-- their traces, and headings of columns that name their scope.

local TYPST = FORMAT == "typst"
local HTML = FORMAT:match("^html") ~= nil
local DOCX = FORMAT == "docx"
-- In characters, but for the last: the weight of a character of a word that cannot be broken.
local LINE = 100
local SHORT = 24
local SENTENCE = 80
local WORD = 0.5

local function raw(text)
  return pandoc.RawBlock(FORMAT, text)
end

local function wrap(before, blocks, after)
  local wrapped = pandoc.Blocks({ raw(before) })
  wrapped:extend(blocks)
  wrapped:insert(raw(after))
  return wrapped
end

local function typst_string(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

-- Splits the blocks of an exhibit into its caption and the rest.
local function split_caption(exhibit)
  local caption, rest = pandoc.Blocks({}), pandoc.Blocks({})
  for _, block in ipairs(exhibit.content) do
    if block.t == "Div" and block.classes:includes("caption") then
      caption = block.content
    else
      rest:insert(block)
    end
  end
  return caption, rest
end

local function typst_exhibit(exhibit)
  local caption, rest = split_caption(exhibit)
  local kind = exhibit.classes:includes("table") and "table" or "image"
  local opening = "#exhibit(" .. typst_string(exhibit.identifier) .. ", kind: " .. kind .. ", caption: ["
  local blocks = wrap(opening, caption, "], [")
  blocks:extend(rest)
  blocks:insert(raw("])"))
  return blocks
end

local function html_exhibit(exhibit)
  local blocks = pandoc.Blocks({})
  for _, block in ipairs(exhibit.content) do
    if block.t == "Div" and block.classes:includes("caption") then
      blocks:extend(wrap("<figcaption>", block.content, "</figcaption>"))
    elseif block.t == "Div" then
      blocks:insert(block)
    else
      blocks:extend(wrap('<div class="scroll" tabindex="0">', { block }, "</div>"))
    end
  end
  local opening = '<figure id="%s" class="%s">'
  return wrap(opening:format(exhibit.identifier, table.concat(exhibit.classes, " ")), blocks, "</figure>")
end

-- Word processors know captions by their style.
local function docx_exhibit(exhibit)
  local style = exhibit.classes:includes("table") and "Table Caption" or "Image Caption"
  return exhibit:walk({
    Div = function(div)
      if div.classes:includes("caption") then
        div.attributes["custom-style"] = style
        return div
      end
    end,
    Image = function(image)
      image.src = image.src:gsub("%.svg$", ".png")
      -- Pandoc takes the description of a picture from here.
      image.caption = { pandoc.Str(image.attributes.alt) }
      return image
    end,
  })
end

-- A docx has no place of its own for the build: it stands where the date does.
local function date_and_build(meta)
  local parts = {}
  for _, key in ipairs({ "date", "build" }) do
    if meta[key] then
      table.insert(parts, pandoc.utils.stringify(meta[key]))
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

-- A title in a block scalar of the front matter is a paragraph; the templates set it in a line.
function Meta(meta)
  for _, key in ipairs({ "title", "subtitle", "date" }) do
    if pandoc.utils.type(meta[key]) == "Blocks" then
      meta[key] = pandoc.utils.blocks_to_inlines(meta[key])
    end
  end
  if DOCX then
    meta.date = date_and_build(meta)
  end
  -- Its references stand in the text by now; a docx would keep the path of the file.
  meta.bibliography = nil
  return meta
end

-- Typst gives columns of long text the same width each. Here short cells keep to one line, and long
-- ones share what is left by the root of the longest, so that none gets less than its longest word.
local function set_widths(tbl)
  local cells, words = {}, {}
  for place = 1, #tbl.colspecs do
    cells[place], words[place] = 1, 1
  end
  for _, rows in ipairs({ tbl.head.rows, tbl.bodies[1].body }) do
    for _, row in ipairs(rows) do
      for place, cell in ipairs(row.cells) do
        local text = pandoc.utils.stringify(cell.contents)
        cells[place] = math.max(cells[place], utf8.len(text))
        for word in text:gsub("%-(%a)", "- %1"):gmatch("%S+") do
          words[place] = math.max(words[place], utf8.len(word))
        end
      end
    end
  end
  if math.max(table.unpack(cells)) < SENTENCE then
    return
  end
  local widths, long, left = {}, 0, LINE
  for place, length in ipairs(cells) do
    if length <= SHORT then
      widths[place] = length + 2
      left = left - widths[place]
    else
      long = long + math.max(math.sqrt(length), words[place] * WORD)
    end
  end
  local total = math.max(left, LINE / 3) + LINE - left
  for place, length in ipairs(cells) do
    local share = math.max(math.sqrt(length), words[place] * WORD) / long
    local width = widths[place] or math.max(left, LINE / 3) * share
    tbl.colspecs[place] = { tbl.colspecs[place][1], width / total }
  end
end

-- Typst sets the labels of a figure with their font; Pandoc would leave out what is read aloud.
function Image(image)
  if TYPST then
    local file = typst_string(image.src:gsub("%.svg$", ".text.svg"))
    local alt = typst_string(image.attributes.alt or pandoc.utils.stringify(image.caption))
    local code = "image(" .. file .. ", alt: " .. alt .. ")"
    local in_exhibit = image.classes:includes("inline-svg")
    return pandoc.RawInline("typst", in_exhibit and "#" .. code or "#box(" .. code .. ")")
  end
end

-- A formula is read aloud as it was written, in the notation of TeX.
function Math(formula)
  if TYPST then
    local plain = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ formula }) }), "typst"):gsub("%s+$", "")
    local alt = typst_string(formula.text:gsub("%s+", " "))
    return pandoc.RawInline("typst", "#[#set math.equation(alt: " .. alt .. ")\n" .. plain .. "]")
  end
end

function Table(tbl)
  if TYPST then
    tbl.classes:insert("typst:no-figure")
    set_widths(tbl)
  end
  for _, row in ipairs(tbl.head.rows) do
    for _, cell in ipairs(row.cells) do
      cell.attr.attributes.scope = HTML and "col" or nil
    end
  end
  return tbl
end

function Span(span)
  if HTML and span.classes:includes("number") then
    span.content = { pandoc.Link(span.content, "#number-" .. span.attributes["data-id"]) }
    return span
  end
  if (TYPST or DOCX) and span.classes:includes("label") then
    return pandoc.Strong(span.content)
  end
  if TYPST and span.classes:includes("number") then
    span.attributes["typst:text:hyphenate"] = "false"
    return span
  end
end

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#x27;" }

local function escape(text)
  return (text:gsub("[&<>\"']", ESCAPES))
end

local function html_trace(trace)
  local lines = {
    '<div id="number-' .. escape(trace.id) .. '">',
    "<dt><b>" .. escape(trace.printed) .. "</b> " .. escape(trace.about) .. "</dt>",
    "<dd><code>" .. escape(trace.id) .. "</code></dd>",
  }
  if trace.bounds ~= "" then
    table.insert(lines, "<dd>" .. escape(trace.bounds) .. "</dd>")
  end
  table.insert(lines, "<dd><pre><code>" .. escape(trace.code) .. "</code></pre></dd>")
  for _, rows in ipairs(trace.rows) do
    table.insert(lines, "<dd>" .. escape(rows) .. "</dd>")
  end
  table.insert(lines, "</div>")
  return table.concat(lines, "\n")
end

-- How each number was made: data, one number a line.
function CodeBlock(block)
  if HTML and block.classes:includes("traces") then
    local entries = { '<dl class="traces">' }
    for line in block.text:gmatch("[^\n]+") do
      table.insert(entries, html_trace(pandoc.json.decode(line, false)))
    end
    table.insert(entries, "</dl>")
    return raw(table.concat(entries, "\n"))
  end
end

-- Exhibits beside one another: each cell is one argument of the template's function.
local function typst_beside(div)
  if div.classes:includes("cell") then
    return wrap("[", div.content, "],")
  end
  return wrap("#beside(", div.content, ")")
end

function Div(div)
  if TYPST and (div.classes:includes("beside") or div.classes:includes("cell")) then
    return typst_beside(div)
  elseif div.classes:includes("html-only") and not HTML then
    return {}
  elseif div.classes:includes("new-page") then
    return TYPST and raw("#place.flush()\n#pagebreak(weak: true)") or {}
  elseif div.classes:includes("exhibit") then
    return TYPST and typst_exhibit(div) or HTML and html_exhibit(div) or DOCX and docx_exhibit(div) or nil
  elseif DOCX and div.classes:includes("note") then
    div.attributes["custom-style"] = "Footnote Text"
    return div
  elseif TYPST and div.classes:includes("note") then
    return wrap("#note[", div.content, "]")
  elseif TYPST and div.classes:includes("references") then
    return wrap("#references[", div.content, "]")
  end
end
