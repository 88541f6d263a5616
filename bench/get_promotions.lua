-- wrk's script: POST /getPromotions with five shoppers each, drawn beforehand so that the generator costs little, and
-- more of them than a round asks for, so that none comes twice. Arguments: how many shoppers there are, and a seed.
-- At the end one line of JSON: requests, seconds, what was no 200, and latencies in seconds.
local requests, turn = {}, 0

function init(args)
  local shoppers = tonumber(args[1])
  math.randomseed(tonumber(args[2]))
  for number = 1, 65536 do
    local ids = {}
    for place = 1, 5 do ids[place] = math.random(0, shoppers - 1) end
    local body = '{"requestId":"bench-' .. number .. '","userIds":[' .. table.concat(ids, ",") .. ']}'
    requests[number] = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "wall_s": %.6f, "failed": %d, "p50_s": %.6f, "p99_s": %.6f}\n',
    summary.requests, summary.duration / 1e6,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
