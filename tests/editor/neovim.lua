-- A session in Neovim, with the set-up that docs/editor.md shows: findings, hover, completion, a quick fix, a clean file.
local function fail(why)
  io.stderr:write(why .. '\n')
  vim.cmd('cquit 1')
end
local function wait(what, ready)
  if not vim.wait(30000, ready, 20) then
    fail('never: ' .. what .. '\n' .. vim.inspect(vim.diagnostic.get(0)))
  end
end
local function clients()
  return vim.lsp.get_clients({ bufnr = 0, name = 'stockade' })
end
local function found(code)
  return vim.iter(vim.diagnostic.get(0)):find(function(it) return it.code == code end)
end

wait('the server is attached', function() return #clients() == 1 end)
local client = clients()[1]
wait('a finding', function() return found('unknown-key') end)
if found('unknown-key').lnum ~= 1 then fail('the finding is in line ' .. found('unknown-key').lnum + 1) end

local function ask(method, line, column)
  vim.api.nvim_win_set_cursor(0, { line, column })
  local answer = client:request_sync(method, vim.lsp.util.make_position_params(0, client.offset_encoding), 30000, 0)
  if not answer or answer.err then fail(method .. ': ' .. vim.inspect(answer)) end
  return answer.result
end
local hover = ask('textDocument/hover', 6, 0)
if not (hover and hover.contents.value:find('strict')) then fail('hover: ' .. vim.inspect(hover)) end
local items = ask('textDocument/completion', 6, 7)
items = items.items or items
if not vim.iter(items):find(function(it) return it.label == 'baseline' end) then fail('completion: ' .. vim.inspect(items)) end

vim.api.nvim_win_set_cursor(0, { 2, 0 })
vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.isPreferred end })
wait('the quick fix', function() return vim.api.nvim_buf_get_lines(0, 1, 2, false)[1] == 'name: hyos # a slip' end)
wait('no error is left', function() return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == 0 end)
vim.cmd('write')
vim.cmd('quitall')
