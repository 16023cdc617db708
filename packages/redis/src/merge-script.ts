/**
 * Adds pins to those under a key: of two of one cluster, the one that ends later stays; what is over goes, and what claims
 * to last longer than a day; the key lives as long as its longest pin. Atomic, so that two requests at once never shorten
 * a pin.
 *
 * KEYS[1]: the key. ARGV[1]: pins as `session.export()` writes them: `1.<cluster>~<until, base 36>~<primary>…`.
 * ARGV[2]: now, in epoch milliseconds.
 */
export const MERGE = `
local now = tonumber(ARGV[2])
local latest = {}
local order = {}
local function add(text)
  if not text or string.sub(text, 1, 2) ~= '1.' then return end
  for part in string.gmatch(string.sub(text, 3), '[^.]+') do
    local cluster, ends = string.match(part, '^([^~]*)~(%w+)~[^~]*$')
    local at = ends and tonumber(ends, 36)
    if at and at > now and at <= now + 86400000 then
      if not latest[cluster] then order[#order + 1] = cluster end
      if not latest[cluster] or at > latest[cluster].at then latest[cluster] = { at = at, part = part } end
    end
  end
end
add(redis.call('GET', KEYS[1]))
add(ARGV[1])
local merged, last = '1', 0
for _, cluster in ipairs(order) do
  merged = merged .. '.' .. latest[cluster].part
  last = math.max(last, latest[cluster].at)
end
if last > 0 then redis.call('SET', KEYS[1], merged, 'PX', last - now) end
return last
`;
