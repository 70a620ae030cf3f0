-- What Pandoc has no element for: exhibits with their captions and notes, links from numbers to
-- their traces, and headings of columns that name their scope.

local TYPST = FORMAT == "typst"
local HTML = FORMAT:match("^html") ~= nil
local DOCX = FORMAT == "docx"
-- Whether the data of exhibits lie beside the page.
local FILES_BESIDE = HTML and PANDOC_WRITER_OPTIONS.variables["files-beside"] ~= nil
local ROWS_ON_ONE_PAGE = 24
-- In characters, but for WORD: the weight of a character of a word that cannot be broken.
local LINE = TYPST and 100 or 88
local AROUND_CELL = TYPST and 2 or 3
local SHORT = 24
local SENTENCE = 80
local WORD = 0.5
-- Width of a bold character.
local BOLD = 1.2

local MINUS = "\u{2212}"
-- As wide as a digit, a point and a bracket.
local FIGURE_SPACE, POINT_SPACE, BRACKET_SPACE = "\u{2007}", "\u{2008}", "\u{2004}"

-- Classes of blocks: the function that sets them in Typst, and their style in a word processor.
local FUNCTIONS = { box = "framed", claim = "claim", note = "note", references = "references" }
local STYLES = { note = "Exhibit Note", references = "Bibliography" }

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

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#x27;" }

local function escape(text)
  return (text:gsub("[&<>\"']", ESCAPES))
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
  if FILES_BESIDE then
    local kind, id = exhibit.identifier:match("^(%a+)-(.+)$")
    local file = (kind == "fig" and "figures/" or "tables/") .. id .. ".csv"
    blocks:insert(raw('<p class="tools"><a href="' .. escape(file) .. '" download>Data (CSV)</a></p>'))
  end
  local opening = '<figure id="%s" class="%s">'
  return wrap(opening:format(exhibit.identifier, table.concat(exhibit.classes, " ")), blocks, "</figure>")
end

local function styled(blocks, style)
  return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = style }))
end

-- Word processors know captions by their style. What its style keeps with the next paragraph stays on
-- its page: a picture with its caption, the rows of a table that is no longer than a page.
local function docx_exhibit(exhibit)
  local style = exhibit.classes:includes("table") and "Table Caption" or "Image Caption"
  return exhibit:walk({
    Div = function(div)
      if div.classes:includes("caption") then
        div.attributes["custom-style"] = style
        return div
      end
    end,
    Para = function(paragraph)
      if paragraph.content[1] and paragraph.content[1].t == "Image" then
        return styled({ paragraph }, "Captioned Figure")
      end
    end,
    Table = function(tbl)
      local text = #tbl.bodies[1].body > ROWS_ON_ONE_PAGE and "Table Text" or "Table Text Kept"
      for _, rows in ipairs({ tbl.head.rows, tbl.bodies[1].body }) do
        for _, row in ipairs(rows) do
          for _, cell in ipairs(row.cells) do
            local inlines = pandoc.utils.blocks_to_inlines(cell.contents)
            cell.contents = { styled({ pandoc.Para(inlines) }, text) }
          end
        end
      end
      return tbl
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

-- Returns for each column the characters of its longest cell and of its longest word.
local function measure(tbl)
  local cells, words = {}, {}
  for place = 1, #tbl.colspecs do
    cells[place], words[place] = 1, 1
  end
  local function add(rows, in_one_line, width)
    for _, row in ipairs(rows) do
      for place, cell in ipairs(row.cells) do
        local text = pandoc.utils.stringify(cell.contents)
        if in_one_line then
          cells[place] = math.max(cells[place], utf8.len(text))
        end
        for word in text:gsub("%-(%a)", "- %1"):gmatch("%S+") do
          words[place] = math.max(words[place], utf8.len(word) * width)
        end
      end
    end
  end
  add(tbl.head.rows, not DOCX, DOCX and BOLD or 1)
  add(tbl.bodies[1].body, true, 1)
  for place = 1, #cells do
    cells[place] = math.max(cells[place], words[place])
  end
  return cells, words
end

-- Of themselves, Typst and browsers give columns of long text the same width each, and word processors
-- all columns. Here short cells keep to one line, and long ones share what is left by the root of the
-- longest, so that none gets less than its longest word.
local function set_widths(tbl)
  local cells, words = measure(tbl)
  if not DOCX and math.max(table.unpack(cells)) < SENTENCE then
    return
  end
  local widths, weights, long, left = {}, {}, 0, LINE
  for place, length in ipairs(cells) do
    if length <= SHORT then
      widths[place] = length + AROUND_CELL
      left = left - widths[place]
    else
      weights[place] = math.max(math.sqrt(length), words[place] * WORD)
      long = long + weights[place]
    end
  end
  local shared = long > 0 and math.max(left, LINE / 3) or 0
  local total = math.max(LINE - left + shared, LINE)
  for place = 1, #cells do
    local width = widths[place] or shared * weights[place] / long
    tbl.colspecs[place] = { tbl.colspecs[place][1], width / total }
  end
end

-- Returns the decimals of a number, which may stand in brackets, and whether it does.
local function read_number(text)
  local inner = text:match("^%((.*)%)$")
  local digits = (inner or text):gsub("^+", ""):gsub("^" .. MINUS, "")
  if digits:match("^%d[%d,]*$") then
    return 0, inner ~= nil
  elseif digits:match("^%d[%d,]*%.%d+$") then
    return #digits:match("%.(%d+)$"), inner ~= nil
  end
end

-- Numbers of one column stand with their decimal points below each other: what a number lacks at its
-- end is made up by blanks of the same width. A column of nothing but numbers is flush right.
local function align_decimals(tbl)
  for place, spec in ipairs(tbl.colspecs) do
    local most, points, brackets, others = 0, false, false, false
    local numbers = {}
    for _, row in ipairs(tbl.bodies[1].body) do
      local cell = row.cells[place]
      local text = pandoc.utils.stringify(cell.contents)
      local decimals, bracketed = read_number(text)
      if decimals then
        table.insert(numbers, { cell, decimals, bracketed })
        most = math.max(most, decimals)
        points, brackets = points or decimals > 0, brackets or bracketed
      elseif text ~= "" then
        others = true
      end
    end
    if points and (spec[1] == pandoc.AlignRight or not others) then
      tbl.colspecs[place] = { pandoc.AlignRight, spec[2] }
      for _, number in ipairs(numbers) do
        local cell, decimals, bracketed = table.unpack(number)
        local blanks = FIGURE_SPACE:rep(most - decimals)
        if decimals == 0 then
          blanks = POINT_SPACE .. blanks
        end
        if brackets and not bracketed then
          blanks = blanks .. BRACKET_SPACE
        end
        if blanks ~= "" then
          cell.contents[1].content:insert(pandoc.Str(blanks))
        end
      end
    end
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
  end
  set_widths(tbl)
  align_decimals(tbl)
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

local function html_trace(trace)
  local lines = {
    '<div id="number-' .. escape(trace.id) .. '" data-runs="' .. escape(trace.runs or "{}") .. '">',
    "<dt><b>" .. escape(trace.printed) .. "</b> <span>" .. escape(trace.about) .. "</span></dt>",
    '<dd class="id"><code>' .. escape(trace.id) .. "</code></dd>",
  }
  if trace.bounds ~= "" then
    table.insert(lines, '<dd class="bounds">' .. escape(trace.bounds) .. "</dd>")
  end
  if trace.code ~= "" then
    table.insert(lines, '<dd class="code"><pre tabindex="0"><code>' .. escape(trace.code) .. "</code></pre></dd>")
  end
  for _, rows in ipairs(trace.rows) do
    table.insert(lines, '<dd class="rows">' .. escape(rows) .. "</dd>")
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

-- A claim quotes first what was said.
local function docx_claim(div)
  local blocks = pandoc.Blocks({})
  for _, block in ipairs(div.content) do
    if block.t == "BlockQuote" then
      blocks:insert(styled(block.content, "Claim Quote"))
    else
      blocks:insert(styled({ block }, "Claim"))
    end
  end
  return blocks
end

-- The frame of a style holds paragraphs and no lists.
local function docx_box(div)
  return styled(div.content, "Box"):walk({
    BulletList = function(list)
      local items = pandoc.Blocks({})
      for _, item in ipairs(list.content) do
        local inlines = pandoc.utils.blocks_to_inlines(item)
        inlines:insert(1, pandoc.Str("\u{2022}\u{a0}"))
        items:insert(pandoc.Para(inlines))
      end
      return items
    end,
  })
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
  elseif DOCX and div.classes:includes("claim") then
    return docx_claim(div)
  elseif DOCX and div.classes:includes("box") then
    return docx_box(div)
  end
  local class = div.classes[1]
  if TYPST and FUNCTIONS[class] then
    return wrap("#" .. FUNCTIONS[class] .. "[", div.content, "]")
  elseif DOCX and STYLES[class] then
    return styled(div.content, STYLES[class])
  end
end
